/**
 * One machine: what jobs, the model server and the front end inherit from the shell in which the
 * service was started. The service passes it on to workers and they to jobs, by this one list;
 * anything else may be a secret. On AWS a job has the whole environment of its image instead.
 */
import type { EnvVariable } from './env.ts'

/** An `*` stands for the rest of a name. */
export const INHERITED_ENV = [
  { name: 'PATH', what: 'Where programs are.' },
  { name: 'LD_LIBRARY_PATH', what: 'Where shared libraries are.' },
  { name: 'HOME', what: 'The home folder; a job with a user of its own has another.' },
  { name: 'USER', what: 'The name of the user.' },
  { name: 'LOGNAME', what: 'The name of the user.' },
  { name: 'SHELL', what: "The user's shell; jobs themselves are run by /bin/sh." },
  { name: 'LANG', what: 'Language and character set.' },
  { name: 'LANGUAGE', what: 'Languages in the order of preference.' },
  { name: 'LC_*', what: 'The parts of the locale.' },
  { name: 'TZ', what: 'The time zone.' },
  { name: 'TMPDIR', what: 'The folder for temporary files.' },
  { name: 'XDG_CACHE_HOME', what: 'The folder for caches.' },
  { name: 'CUDA_*', what: 'CUDA: where it is, which GPUs, how it runs.' },
  { name: 'NVIDIA_*', what: 'What the driver offers.' },
  { name: 'NCCL_*', what: 'Communication between GPUs.' },
  { name: 'OMP_*', what: 'Threads of numeric libraries.' },
  { name: 'PYTHON*', what: 'Settings of Python.' },
  { name: 'VIRTUAL_ENV', what: 'The active virtual environment of Python.' },
  { name: 'CONDA_PREFIX', what: 'The active environment of conda.' },
  { name: 'HF_*', what: 'Settings of Hugging Face libraries.' },
  { name: 'SSL_CERT_FILE', what: 'Certificates that are trusted.' },
  { name: 'SSL_CERT_DIR', what: 'Certificates that are trusted.' },
  { name: 'HTTP_PROXY', what: 'The proxy for http addresses; `http_proxy` too.' },
  { name: 'HTTPS_PROXY', what: 'The proxy for https addresses; `https_proxy` too.' },
  { name: 'ALL_PROXY', what: 'The proxy for all addresses; `all_proxy` too.' },
  { name: 'NO_PROXY', what: 'Hosts that are reached without a proxy; `no_proxy` too.' },
] as const satisfies readonly EnvVariable[]

const NAMES: ReadonlySet<string> = new Set(
  INHERITED_ENV.flatMap(({ name }) =>
    name.endsWith('_PROXY') ? [name, name.toLowerCase()] : [name],
  ),
)
const PREFIXES = [...NAMES].flatMap((name) => (name.endsWith('*') ? [name.slice(0, -1)] : []))
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|KEY$/
/** `http://user:password@proxy`. */
const LOGIN = /\/\/[^/]*@/

/** Of `env` what is inherited: the names of the list, but nothing that looks like a secret. */
export function inheritedEnv(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    const isListed = NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))
    if (!isListed || value === undefined || SECRET_NAME.test(name) || LOGIN.test(value)) continue
    inherited[name] = value
  }
  return inherited
}
