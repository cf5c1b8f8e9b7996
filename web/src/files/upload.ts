// One file to the server, in pieces (docs/api.md, Attachments). A broken connection is tried again; what was begun is gone on with, also
// after the page was closed, as long as the same file is chosen again.
import { api } from "../api/client";
import { ApiProblem, problemOf } from "../api/problem";

export type Progress = { step: "sending" | "waiting" | "checking"; share: number };

/** Waits between attempts after a lost connection, in milliseconds: a minute and a half in all. */
const WAITS = [500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 30_000];

export type Begun = { id: string; url: string; piece: number };

/** Where a file goes: how its upload begins and ends there. */
export type Goal<T> = {
  /** Tells it from other goals. */
  key: string;
  begin: (file: { name: string; size: number }) => Promise<Begun>;
  finish: (id: string) => Promise<T>;
};

type Sending<T> = { goal: Goal<T>; file: File; told: (progress: Progress) => void; signal: AbortSignal };

/** What was begun is remembered under what tells a file from others, its name left out: names are personal. */
const memory = ({ goal, file }: Sending<unknown>) => `jiesu-upload:${goal.key}:${file.size}:${file.lastModified}`;

export async function upload<T>(sending: Sending<T>): Promise<T> {
  const { told, signal } = sending;
  const key = memory(sending);
  const begun = remembered(key) ?? (await begin(sending));
  sessionStorage.setItem(key, JSON.stringify(begun));
  try {
    await sendAll(begun, sending);
    told({ step: "checking", share: 1 });
    const finished = await again(sending, () => sending.goal.finish(begun.id));
    sessionStorage.removeItem(key);
    return finished;
  } catch (error) {
    // What the server refused is over; what did not arrive may go on later.
    if (signal.aborted) void api.DELETE("/api/v1/uploads/{id}", { params: { path: { id: begun.id } } }).catch(() => {});
    if (signal.aborted || problemOf(error).refused) sessionStorage.removeItem(key);
    if (error instanceof ApiProblem && error.status === 404 && !signal.aborted) return upload(sending);
    throw error;
  }
}

function remembered(key: string): Begun | undefined {
  const text = sessionStorage.getItem(key);
  return text ? (JSON.parse(text) as Begun) : undefined;
}

/** Without a digest of the content: browsers know no SM3, the server works it out for the journal, and the connection is checked already. */
function begin({ goal, file, ...rest }: Sending<unknown>): Promise<Begun> {
  return again(rest, () => goal.begin({ name: file.name, size: file.size }));
}

async function sendAll({ url, piece }: Begun, sending: Sending<unknown>): Promise<void> {
  const { file, told, signal } = sending;
  let at = await stands(url, sending);
  let failures = 0;
  while (at < file.size) {
    signal.throwIfAborted();
    told({ step: "sending", share: at / file.size });
    try {
      at = await sendPiece(url, at, file.slice(at, at + piece), signal);
      failures = 0;
    } catch (error) {
      // 409: the server stands elsewhere, or has not yet let go of the connection that broke.
      const { refused, status } = problemOf(error);
      const wait = WAITS[failures++];
      if (signal.aborted || wait === undefined || (refused && status !== 409)) throw error;
      told({ step: "waiting", share: at / file.size });
      await pause(wait);
      at = await stands(url, sending);
    }
  }
}

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

async function sendPiece(url: string, at: number, piece: Blob, signal: AbortSignal): Promise<number> {
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(at), "Tus-Resumable": "1.0.0" };
  const answer = await call(url, { method: "PATCH", headers, body: piece, signal });
  return Number(answer.headers.get("Upload-Offset"));
}

/** Where the server stands, asked until it answers. */
function stands(url: string, sending: Sending<unknown>): Promise<number> {
  return again(sending, async () => Number((await call(url, { method: "HEAD", signal: sending.signal })).headers.get("Upload-Offset")));
}

async function call(url: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(url, request).catch(() => {
    throw new ApiProblem({ status: 0, title: "连接不上服务器" });
  });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new ApiProblem({ ...said, status: answer.status });
}

/** Tries until the server answers; what it refuses is not tried again. */
async function again<T>({ told, signal }: Pick<Sending<unknown>, "told" | "signal">, ask: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || problemOf(error).refused) throw error;
      told({ step: "waiting", share: 0 });
      await pause(wait);
    }
  }
  return ask();
}
