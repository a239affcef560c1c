/**
 * Writes test/vectors/libraries.json again: `npm run exec -- node tools/write-vectors.ts`. Only for when the protocol's maths changes
 * on purpose: other implementations are tested against this file.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fixedVectors } from '../test/contracts/libraries/vectors.ts'

const { about, vectors } = fixedVectors()
const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`)
const text = `{\n  "about": ${JSON.stringify(about)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`
await writeFile(join(import.meta.dirname, '../test/vectors/libraries.json'), text)
