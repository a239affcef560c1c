import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import hre from 'hardhat'
import { generateAbis } from './generate-abis.ts'

/**
 * Compiles contracts/ and test/solidity/, then writes the ABIs for the sdk. Ends with exit code 1 when the compiler warned about
 * one of our files.
 *
 *   node tools/compile.ts              all of it
 *   node tools/compile.ts contracts    not the tests
 *   node tools/compile.ts tests        the tests, once the contracts are compiled: no ABIs
 */
/** Warnings about code beyond a chain's limits: test contracts hold all that they deploy, and no chain gets them. */
const SIZE_WARNINGS = ['5574', '3860']
const artifacts = join(import.meta.dirname, '..', 'artifacts')
const startedAt = Date.now()
const [what] = process.argv.slice(2)
await hre.tasks.getTask('build').run({ quiet: true, noTests: what === 'contracts' })

// While tests are compiled, those of packages read the ABIs of the contracts, which were compiled before.
const names = what === 'tests' ? [] : await generateAbis()
const warnings = await compilerWarnings()
for (const { text, isPrinted } of warnings) if (!isPrinted) console.error(text)
console.log(`${names.length} ABIs, ${warnings.length} compiler warnings`)
process.exit(warnings.length > 0 ? 1 : 0)

/** The compiler's warnings about our own sources, also of earlier runs: Hardhat prints them only when it compiles. */
async function compilerWarnings(): Promise<{ text: string; isPrinted: boolean }[]> {
  const found = new Map<string, boolean>()
  for (const id of await currentBuildInfos()) {
    const path = join(artifacts, 'build-info', `${id}.output.json`)
    const isPrinted = (await stat(path)).mtimeMs >= startedAt
    const { output } = JSON.parse(await readFile(path, 'utf8')) as BuildInfoOutput
    for (const { severity, errorCode, formattedMessage, sourceLocation } of output.errors ?? []) {
      if (severity !== 'warning' || sourceLocation?.file.startsWith('npm/')) continue
      const isTest = sourceLocation?.file.startsWith('project/test/')
      if (isTest && SIZE_WARNINGS.includes(errorCode)) continue
      if (await hasChanged(id, sourceLocation?.file)) continue
      found.set(formattedMessage, isPrinted)
    }
  }
  return [...found].map(([text, isPrinted]) => ({ text, isPrinted }))
}

/** Whether a source has changed since: files compiled together with it still refer to the old compilation. */
async function hasChanged(buildInfoId: string, source: string | undefined): Promise<boolean> {
  if (source === undefined) return false
  const { input } = JSON.parse(
    await readFile(join(artifacts, 'build-info', `${buildInfoId}.json`), 'utf8'),
  ) as BuildInfo
  const file = join(artifacts, '..', source.replace(/^project\//, ''))
  const now = await readFile(file, 'utf8').catch(() => undefined)
  return now !== input.sources[source]?.content
}

/** The compilations that current artifacts come from; Hardhat also keeps those of earlier sources. */
async function currentBuildInfos(): Promise<Set<string>> {
  const ids = new Set<string>()
  for (const file of await readdir(artifacts, { recursive: true })) {
    if (!file.endsWith('.json') || file.startsWith('build-info')) continue
    const { buildInfoId } = JSON.parse(await readFile(join(artifacts, file), 'utf8')) as {
      buildInfoId?: string
    }
    if (buildInfoId !== undefined) ids.add(buildInfoId)
  }
  return ids
}

interface BuildInfo {
  input: { sources: Record<string, { content: string } | undefined> }
}

interface BuildInfoOutput {
  output: { errors?: CompilerMessage[] }
}

interface CompilerMessage {
  severity: string
  errorCode: string
  formattedMessage: string
  sourceLocation?: { file: string }
}
