// The parts that are used of Auth0's reference, which has no types.

declare module 'auth0-ext-compilers' {
  type Callback<T> = (error: unknown, value: T) => void
  interface Options {
    readonly script: string
    readonly nodejsCompiler: (script: string, cb: Callback<unknown>) => void
  }
  const compilers: Record<string, (options: Options, cb: Callback<unknown>) => void>
  export default compilers
}

declare module 'auth0-ext-compilers/test/nodejsCompiler.js' {
  const nodejsCompiler: (script: string, cb: (error: unknown, value: unknown) => void) => void
  export default nodejsCompiler
}

declare module 'webtask-runtime' {
  interface Request {
    readonly method: string
    readonly headers: Record<string, string>
    readonly payload: string
    readonly secrets: Record<string, string>
    readonly parseBody: boolean
  }
  interface Response {
    readonly statusCode: number
    readonly headers: Record<string, string>
    readonly payload: string
  }
  const runtime: {
    simulate(compiled: unknown, request: Request, cb: (response: Response) => void): void
  }
  export default runtime
}
