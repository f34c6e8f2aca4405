import process from 'node:process'

/** Of our own environment others get what programs need, and none of our secrets. */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|LD_LIBRARY_PATH|NVIDIA_.*|CUDA_HOME|PYTHON.*|VIRTUAL_ENV|HF_.*)$/
const SECRET = /TOKEN|SECRET|PASSWORD|KEY$/

/** The part of this process's environment that workers and the front end inherit. */
export function passedOnEnv(): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) => {
    return PASSED_ON.test(name) && !SECRET.test(name)
  })
  return Object.fromEntries(passed) as Record<string, string>
}
