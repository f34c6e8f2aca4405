import { describe, expect, test } from 'vitest'
import { inheritedEnv } from '../../lib/registry/inherited-env.ts'
import { makeBaseEnv } from '../../worker/command/job-env.ts'

/** What users of GPU programs set in their shells. */
const SET = {
  PATH: '/bin',
  OMP_NUM_THREADS: '4',
  NCCL_SOCKET_IFNAME: 'eth0',
  CUDA_VISIBLE_DEVICES: '1',
  CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  SSL_CERT_FILE: '/certs',
  XDG_CACHE_HOME: '/cache',
  CONDA_PREFIX: '/conda',
  LANGUAGE: 'en',
  LC_ALL: 'C',
  SHELL: '/bin/bash',
  LOGNAME: 'me',
  HF_HOME: '/models',
  PYTHONPATH: '/code',
  HTTPS_PROXY: 'http://proxy:3128',
  no_proxy: 'localhost',
}
const NOT_SET = {
  HF_TOKEN: 'a',
  CUDA_SECRET: 'b',
  PYTHON_KEYRING_PASSWORD: 'c',
  NVIDIA_API_KEY: 'd',
  HTTP_PROXY: 'http://me:e@proxy:3128',
  AWS_PROFILE: 'f',
  MY_PATH: 'g',
  PATH_: 'h',
  proxy: 'i',
  SCALABLE_JOB_TOKEN: 'j',
  OMP: undefined,
}

describe('on one machine', () => {
  test('what programs need of the shell is inherited, and nothing else', () => {
    expect(inheritedEnv({ ...SET, ...NOT_SET })).toEqual(SET)
  })

  test('all of it arrives at jobs: service and worker pass on by one list', () => {
    const worker = { ...inheritedEnv({ ...SET, ...NOT_SET }), SCALABLE_JOB_BACKEND: 'embedded' }
    expect(makeBaseEnv(worker, 'machine')).toEqual({ ...SET, PYTHONUNBUFFERED: '1' })
  })
})
