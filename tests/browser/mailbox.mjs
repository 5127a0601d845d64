// A mail server that somebody else wrote, as the tests see it: what was sent, to whom, and what was refused.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { until } from "./browser.mjs";

const folder = new URL("../mail/", import.meta.url).pathname;

/** Why there can be no mail server here; nothing where there can. The first time it is installed. */
export function missing() {
  const tried = spawnSync("./python", ["-c", "import aiosmtpd"], { cwd: folder, encoding: "utf8" });
  if (tried.status === 0) return undefined;
  const why = `aiosmtpd cannot be installed here: ${(tried.stderr ?? String(tried.error)).trim().split("\n").at(-1)}`;
  if (process.env.ALLCLEAR_SKIP_NOTHING) throw new Error(why);
  console.log(`SKIPPED, no mail server: ${why}`);
  return why;
}

/** Starts one; `options` are those of `tests/mail/server.py`. */
export async function openMailbox(...options) {
  const child = spawn("./python", ["server.py", ...options], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  const of = (event) => lines.filter((line) => line.event === event);
  const { port } = await until(() => of("serving")[0], "the mail server serves");
  const mails = (reader) => of("mail").filter((mail) => mail.readers.includes(reader)).map(readable);
  return {
    port,
    mails,
    refused: () => of("refused"),
    malformed: () => of("malformed"),
    /** The mail to this reader whose subject says this, once it is there. */
    mail: (reader, subject) => until(() => mails(reader).find((mail) => mail.header("subject").includes(subject)), `${reader} has “${subject}”`),
    close: () => child.stdin.end(),
  };
}

function readable({ headers, parts }) {
  const header = (name) => headers.find(([key]) => key === name)?.[1];
  return { header, text: parts["text/plain"], html: parts["text/html"], parts: Object.keys(parts) };
}
