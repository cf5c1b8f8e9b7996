import type { Problem } from "./types";

/** Whatever went wrong between the screen and the server, with words that a clerk can act on. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly type?: string;
  readonly title: string;
  readonly rule?: string;
  readonly article?: string;
  /** A rule's refusal as one sentence, with its article and readings. */
  readonly why?: string;
  readonly field?: string;

  constructor(problem: Partial<Problem> & { status: number }) {
    const said = problem.detail ?? problem.title ?? "服务器没有说明原因，请稍后重试；多次出现请联系系统管理员。";
    // By it the administrator finds what happened in the log.
    super(problem.status >= 500 && problem.request ? `${said}（编号 ${problem.request}）` : said);
    this.status = problem.status;
    this.type = problem.type;
    this.title = problem.title ?? "操作没有完成";
    this.rule = problem.rule ?? undefined;
    this.article = problem.article ?? undefined;
    this.why = problem.why ?? undefined;
    this.field = problem.field ?? undefined;
  }

  /** The server said no: nothing was done. Otherwise nobody knows. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500;
  }

  /** The ticket is no longer what the clerk saw: somebody changed it, or time did. */
  get outdated(): boolean {
    return this.status === 409;
  }
}

const OFFLINE = new ApiProblem({
  status: 0,
  title: "连接不上服务器",
  detail: "请检查网络后重试；您填写的内容还在本页。",
});

export type Answer<T> = { data?: T; error?: unknown; response: Response };

function asProblem(error: unknown, status: number): ApiProblem {
  return typeof error === "object" && error !== null
    ? new ApiProblem({ ...(error as Partial<Problem>), status })
    : new ApiProblem({ status });
}

type Listener = () => void;
let onExpired: Listener = () => {};

/** The shell asks to be told when a call finds the session gone. */
export function whenSessionExpires(listener: Listener): void {
  onExpired = listener;
}

/** The data of a call, or an {@link ApiProblem}. `quiet` = a 401 is an answer here, not an expired session. */
export async function unwrap<T>(call: Promise<Answer<T>>, quiet = false): Promise<T> {
  const answer = await call.catch(() => {
    throw OFFLINE;
  });
  if (answer.response.ok) return answer.data as T;
  const problem = asProblem(answer.error, answer.response.status);
  if (problem.status === 401 && !quiet) onExpired();
  throw problem;
}

export function problemOf(error: unknown): ApiProblem {
  return error instanceof ApiProblem
    ? error
    : new ApiProblem({ status: 0, title: "页面出错", detail: error instanceof Error ? error.message : String(error) });
}
