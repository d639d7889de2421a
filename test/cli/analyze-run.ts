// `perpdesk analyze` as a process.
import { analyze } from "../../src/cli/analyze.ts";

process.exitCode = await analyze(process.argv.slice(2));
