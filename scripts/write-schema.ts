/**
 * Writes schema/service.schema.json, with which editors complete and check a service.json, from
 * the schema that the parser itself uses: `node scripts/write-schema.ts`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceJsonSchema } from '../lib/core/service-config/service-json-schema.ts'

const file = join(import.meta.dirname, '..', 'schema', 'service.schema.json')
writeFileSync(file, `${JSON.stringify(serviceJsonSchema(), null, 2)}\n`)
console.log(`written: ${file}`)
