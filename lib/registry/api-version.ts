import packageJson from '../../package.json' with { type: 'json' }

/** Version of Scalable Job itself. */
export const API_VERSION = packageJson.version
