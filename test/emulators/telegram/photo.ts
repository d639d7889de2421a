import type { PhotoSize } from "telegraf/types";
import type { FormFile } from "./multipart.ts";
import { badRequest } from "./refusal.ts";

const PHOTO_BYTES_MAX = 10_000_000;
const SIDES_SUM_MAX = 10_000;
const SIDES_RATIO_MAX = 20;
const PNG = Buffer.from("89504e470d0a1a0a", "hex");
const JPEG = Buffer.from("ffd8ff", "hex");

/** The sizes Telegram would list for a picture; refuses what isn't a PNG or JPEG, is over 10 MB, too large or too narrow. */
export function photoSizes(file: FormFile | undefined, id: string): PhotoSize[] {
  if (file === undefined) return [{ file_id: id, file_unique_id: `u${id}`, width: 90, height: 90 }];
  const { bytes } = file;
  if (bytes.length > PHOTO_BYTES_MAX) throw badRequest("PHOTO_SAVE_FILE_INVALID");
  const isPng = bytes.subarray(0, PNG.length).equals(PNG) && bytes.length >= 24;
  if (!isPng && !bytes.subarray(0, JPEG.length).equals(JPEG)) throw badRequest("IMAGE_PROCESS_FAILED");
  const width = isPng ? bytes.readUInt32BE(16) : 90;
  const height = isPng ? bytes.readUInt32BE(20) : 90;
  const isNarrow = Math.max(width, height) > SIDES_RATIO_MAX * Math.min(width, height);
  if (width + height > SIDES_SUM_MAX || isNarrow) throw badRequest("PHOTO_INVALID_DIMENSIONS");
  return [{ file_id: id, file_unique_id: `u${id}`, width, height, file_size: bytes.length }];
}
