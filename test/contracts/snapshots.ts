import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const FOLDER = join(import.meta.dirname, 'snapshots')

/**
 * Compares a value with `snapshots/<name>.json`, which is committed, so that changes show in the diff.
 * `ASSAY_UPDATE_SNAPSHOTS=1` writes the file again.
 */
export function expectSnapshot(name: string, value: unknown): void {
  const file = join(FOLDER, `${name}.json`)
  if (process.env.ASSAY_UPDATE_SNAPSHOTS === '1') {
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
    return
  }
  const known = JSON.parse(readFileSync(file, 'utf8'))
  expect(
    value,
    `${name} changed: run the test with ASSAY_UPDATE_SNAPSHOTS=1 if it was meant to`,
  ).to.deep.equal(known)
}
