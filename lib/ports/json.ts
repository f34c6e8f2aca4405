/** What may stand in a row or a message: plain JSON, without `undefined`. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }
