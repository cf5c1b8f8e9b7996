import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { unwrap } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import type { Me } from "../api/types";

export async function logIn(login: string, password: string): Promise<Me> {
  const before = queryClient.getQueryData(meQuery.queryKey);
  const me = await unwrap(api.POST("/api/v1/session", { body: { login, password } }), true);
  // What the last account saw is not for the next one.
  if (before && before.account !== me.account) queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, me);
  return me;
}

export async function logOut(): Promise<void> {
  await unwrap(api.DELETE("/api/v1/session"), true);
  queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, null);
}

/** Who is logged in. Only inside the shell, which does not open without a session. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("useMe outside the shell");
  return data;
}

/** Seats that only register see no tickets at all. */
export function seesTickets({ sees }: Me): boolean {
  return sees !== "nothing";
}

/** Whether the server says this account may do something, e.g. `register`, `set-clock`. Nothing is decided here. */
export function useRight(right: string): boolean {
  return useMe().rights.includes(right);
}
