import { fileURLToPath } from "node:url";
import { renderAsync } from "@resvg/resvg-js";

/** The one font of all pictures: no font of the machine is looked for, so that a picture is the same everywhere. */
const FONT = fileURLToPath(
  import.meta.resolve("@expo-google-fonts/share-tech-mono/400Regular/ShareTechMono_400Regular.ttf"),
);

/** An SVG as PNG, drawn beside the thread that trades. Rejects what is no SVG. */
export async function pngOf(svg: string): Promise<Buffer> {
  const font = { fontFiles: [FONT], loadSystemFonts: false, defaultFontFamily: "Share Tech Mono" };
  return (await renderAsync(svg, { font })).asPng();
}
