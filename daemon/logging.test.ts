import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

const MODULE = join(import.meta.dirname, 'logging.ts')

describe('the log', () => {
  it("is JSON in which strangers' letters are escaped, and none is lost", async () => {
    const hostile = 'store said \u001b[2J\u009b1m\u202eno\u200b'
    const program = `
      const { createLogger } = await import(${JSON.stringify(MODULE)})
      const text = ${JSON.stringify(hostile)}
      createLogger({ role: 'test', level: 'info' }).warn({ error: new Error(text) }, text)`
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])

    expect(stderr.trimEnd()).to.not.match(/[\p{Cc}\p{Cf}]/u)
    const { msg, error } = JSON.parse(stderr)
    expect([msg, error.message]).to.deep.equal([hostile, hostile])
  })
})
