// A message is a value: its name, its kind and its schemas. A `read` may be repeated and asked by a view, an `act`
// changes the box and only the host may send it, an `event` expects no answer.
import * as z from "zod/mini";

export interface Read<P, R> {
  kind: "read";
  method: string;
  params: z.ZodMiniType<P>;
  result: z.ZodMiniType<R>;
}
export interface Act<P, R> {
  kind: "act";
  method: string;
  params: z.ZodMiniType<P>;
  result: z.ZodMiniType<R>;
}
export interface Happening<P> {
  kind: "event";
  method: string;
  params: z.ZodMiniType<P>;
}

export type Request<P = never, R = unknown> = Read<P, R> | Act<P, R>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an area holds messages of any shape
export type Area = Record<string, Read<any, any> | Act<any, any> | Happening<any>>;

export const read = <P, R>(method: string, params: z.ZodMiniType<P>, result: z.ZodMiniType<R>): Read<P, R> => ({
  kind: "read",
  method,
  params,
  result,
});
export const act = <P, R>(method: string, params: z.ZodMiniType<P>, result: z.ZodMiniType<R>): Act<P, R> => ({
  kind: "act",
  method,
  params,
  result,
});
export const event = <P>(method: string, params: z.ZodMiniType<P>): Happening<P> => ({ kind: "event", method, params });

export interface CallContext {
  signal: AbortSignal;
}

/** One handler per request of an area; a forgotten or misspelt one does not compile. */
export type Handlers<A extends Area> = {
  [K in keyof A as A[K] extends Happening<infer _P> ? never : K]: A[K] extends Read<infer P, infer R>
    ? (params: P, context: CallContext) => Promise<R> | R
    : A[K] extends Act<infer P, infer R>
      ? (params: P, context: CallContext) => Promise<R> | R
      : never;
};

export const nothing = z.object({});
/** A run's id, or an absolute path (`~/` allowed) of a folder or file on the box. */
export const target = z.string();
