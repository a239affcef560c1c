import { readdir, readFile, stat } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import hre from 'hardhat'
import { generateAbis } from './generate-abis.ts'

/**
 * Compiles contracts/ and test/solidity/, then writes the ABIs for the sdk. Ends with 1 when the compiler warned about
 * one of our files: a warning nobody reads becomes the bug everybody finds.
 */
/** Code and creation code beyond a chain's limits: a test contract, which holds all that it deploys, goes to no chain. */
const SIZE_WARNINGS = ['5574', '3860']
const artifacts = join(import.meta.dirname, '..', 'artifacts')
const startedAt = Date.now()
// Hardhat leaves one core alone, which is half of two: several settings make several jobs.
hre.hooks.registerHandlers('solidity', {
  build: (context, files, options, next) => next(context, files, { ...options, concurrency: cpus().length }),
})
await hre.tasks.getTask('build').run({ quiet: true })

const names = await generateAbis()
const warnings = await compilerWarnings()
for (const { text, isPrinted } of warnings) if (!isPrinted) console.error(text)
console.log(`${names.length} ABIs, ${warnings.length} compiler warnings`)
process.exit(warnings.length > 0 ? 1 : 0)

/** What the compiler said about our own sources, also when Hardhat found nothing to compile and said nothing again. */
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

/** Whether a source is another by now: files compiled with it keep pointing at what the compiler said then. */
async function hasChanged(buildInfoId: string, source: string | undefined): Promise<boolean> {
  if (source === undefined) return false
  const { input } = JSON.parse(
    await readFile(join(artifacts, 'build-info', `${buildInfoId}.json`), 'utf8'),
  ) as BuildInfo
  const file = join(artifacts, '..', source.replace(/^project\//, ''))
  const now = await readFile(file, 'utf8').catch(() => undefined)
  return now !== input.sources[source]?.content
}

/** The compilations that artifacts come from now; Hardhat leaves those of earlier sources lying about. */
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
