import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createProgram } from '@assay/cli/program.ts'
import { expect } from 'chai'

const ROOT = join(import.meta.dirname, '../..')

describe("the README's commands", () => {
  let lines: string[]
  let scripts: Record<string, string>

  before(async () => {
    const [readme, manifest] = await Promise.all(
      ['README.md', 'package.json'].map((file) => readFile(join(ROOT, file), 'utf8')),
    )
    lines = [...readme!.matchAll(/npm (?:run )?\w[^`\n]*/g)].map(([line]) => line.trim())
    scripts = JSON.parse(manifest!).scripts
  })

  it('are scripts that there are', () => {
    const names = lines.map((line) => /^npm (?:run )?([\w:]+)/.exec(line)?.[1] ?? line)
    expect(new Set(names)).to.include.all.keys('demo', 'test', 'chain', 'deploy', 'assay', 'digits', 'exec')
    for (const name of names) expect(scripts, name).to.have.property(name)
  })

  it('are verbs, arguments and options that assay has', () => {
    const commands = lines.flatMap((line) => /^npm run assay -- (.*)$/.exec(line)?.[1] ?? [])
    expect(commands.length).to.be.at.least(15)
    for (const command of commands) {
      const words = command.replace(/ 2> .*$/, '').split(' ')
      const { verb, rest } = verbOf(createProgram(), words)
      expect(verb.commands, `${command}: ${words[0]} groups verbs`).to.have.length(0)
      const options = new Set(['--help', ...verb.options.map(({ long }) => long)])
      for (const word of rest.filter((one) => one.startsWith('--'))) expect(options, command).to.include(word)
      if (rest.includes('--help')) continue
      for (const { long, mandatory } of verb.options) if (mandatory) expect(rest, command).to.include(long)
    }
  })
})

type Command = ReturnType<typeof createProgram>

/** The verb that words begin with, and the words after it. */
function verbOf(parent: Command, words: string[]): { verb: Command; rest: string[] } {
  const [first, ...rest] = words
  const verb = parent.commands.find((one) => one.name() === first)
  return verb === undefined ? { verb: parent, rest: words } : verbOf(verb, rest)
}
