/** A file that came in a form: its file name, media type and bytes. */
export interface FormFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A parsed multipart form: text fields and files, each by field name. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, FormFile>;
}

const HEADERS_END = Buffer.from("\r\n\r\n");

/** Takes a `multipart/form-data` body apart (RFC 7578); throws on a body that breaks the format. */
export function parseMultipart(body: Buffer, contentType: string): Form {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error("multipart body without a boundary");
  const fields = new Map<string, string>();
  const files = new Map<string, FormFile>();
  for (const part of split(body, boundary)) {
    const headersEnd = part.indexOf(HEADERS_END);
    if (headersEnd < 0) throw new Error("multipart part without headers");
    const headers = part.subarray(0, headersEnd).toString("utf8");
    const bytes = part.subarray(headersEnd + HEADERS_END.length);
    const name = /[;\s]name="([^"]*)"/i.exec(headers)?.[1];
    if (name === undefined) throw new Error("multipart part without a name");
    const fileName = /filename="([^"]*)"/i.exec(headers)?.[1];
    if (fileName === undefined) fields.set(name, bytes.toString("utf8"));
    else {
      const type = /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? "application/octet-stream";
      files.set(name, { name: fileName, type, bytes: Buffer.from(bytes) });
    }
  }
  return { fields, files };
}

/** The bytes between the delimiters, without the line breaks that belong to them. */
function split(body: Buffer, boundary: string): Buffer[] {
  const first = Buffer.from(`--${boundary}`);
  const next = Buffer.from(`\r\n--${boundary}`);
  const parts: Buffer[] = [];
  let start = body.indexOf(first);
  if (start < 0) throw new Error("multipart boundary not found");
  start += first.length;
  while (body.toString("latin1", start, start + 2) === "\r\n") {
    const end = body.indexOf(next, start);
    if (end < 0) throw new Error("multipart body without an end");
    parts.push(body.subarray(start + 2, end));
    start = end + next.length;
  }
  if (body.toString("latin1", start, start + 2) !== "--")
    throw new Error("multipart body without a closing boundary");
  return parts;
}
