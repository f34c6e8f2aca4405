import { INSTALL_ROOT, SERVICE_FILE_NAME } from '../../registry/agreements.ts'

/** Paths inside the containers of a worker's task. */
export const NODE = `${INSTALL_ROOT}/node`
export const WORKER_MAIN = `${INSTALL_ROOT}/worker/main.js`
export const CHECK_ALIVE = `${INSTALL_ROOT}/worker/check-alive.js`
export const SERVICE_FILE = `${INSTALL_ROOT}/${SERVICE_FILE_NAME}`
/** A name of the task alone: on a machine with several workers each has a file system of its own. */
export const WORK_ROOT = '/tmp/scalable-job-work'
export const INSTALL_VOLUME = 'scalable-job'
