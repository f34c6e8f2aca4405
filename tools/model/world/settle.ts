/** Work that the operating system does for code that only seems to be waiting. */
const AT_WORK = /^(FSReq|CloseReq|FileHandle)/

/** Lets all code that can run do so, until everything waits for time or for a port. */
export async function settle(): Promise<void> {
  do {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  } while (process.getActiveResourcesInfo().some((name) => AT_WORK.test(name)))
}
