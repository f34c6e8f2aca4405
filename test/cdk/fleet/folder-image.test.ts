import { join, resolve } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { readServiceFile } from '../../../lib/service/read-service-file.ts'
import { synthService } from '../synth-service.ts'

const DIGITS = resolve(import.meta.dirname, '../../../examples/digits')

test('an image such as ./ is built at deploy from the folder of service.json', () => {
  const { stack, template } = synthService()
  expect(template).toBeInstanceOf(Template)
  const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'))
  const images = JSON.stringify(definition)
  expect(images).not.toContain('"./"')
  const folders = stack.node
    .findAll()
    .filter(({ node }) => node.id === 'Image0')
    .map(({ node }) => node.path)
  expect(folders).toHaveLength(1)
})

test('a folder without a Dockerfile is a clear error of synthesis', () => {
  const service = { ...readServiceFile(join(DIGITS, 'service.json')), folder: join(DIGITS, '..') }
  expect(() => synthService({ service })).toThrow(/folder without a Dockerfile/)
})
