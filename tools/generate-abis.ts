import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const artifacts = join(root, 'artifacts', 'contracts')
const target = join(root, 'sdk', 'generated')

/**
 * Writes `sdk/generated/<Contract>.ts` with the ABI of each compiled contract in contracts/ as a constant, which viem
 * reads its types from. A file that wouldn't change isn't touched; one whose contract is gone is removed, and so are
 * artifacts of sources that are gone: Hardhat removes them only when it compiles everything.
 *
 * @returns the names of the contracts
 */
export async function generateAbis(): Promise<string[]> {
  await mkdir(target, { recursive: true })
  const sources = new Map<string, string>()
  const names: string[] = []

  const files = await readdir(artifacts, { recursive: true }).catch(() => [])
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    const path = join(artifacts, file)
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) continue // of a folder that is gone
    const { contractName, sourceName, abi } = JSON.parse(text)
    if (!existsSync(join(root, sourceName))) {
      await rm(dirname(path), { recursive: true })
      continue
    }
    if (!Array.isArray(abi) || abi.length === 0) continue // libraries with internal functions only
    if (names.includes(contractName)) {
      throw new Error(`two contracts are called ${contractName}; the second is in ${sourceName}. Rename one`)
    }
    names.push(contractName)
    sources.set(`${contractName}.ts`, moduleOf(contractName, sourceName, abi))
  }

  for (const old of await readdir(target))
    if (!sources.has(old)) await rm(join(target, old), { recursive: true })
  for (const [name, text] of sources) {
    const path = join(target, name)
    if ((await readFile(path, 'utf8').catch(() => '')) !== text) await writeFile(path, text)
  }
  return names
}

/** `StakeRegistry` → `stakeRegistryAbi`, `IStakeRegistry` → `iStakeRegistryAbi`. */
function moduleOf(contractName: string, sourceName: string, abi: unknown[]): string {
  const constant = `${contractName.charAt(0).toLowerCase()}${contractName.slice(1)}Abi`
  return `// Generated from ${sourceName} by tools/generate-abis.ts.\nexport const ${constant} = ${JSON.stringify(abi, null, 2)} as const\n`
}

if (process.argv[1] === import.meta.filename) {
  const names = await generateAbis()
  console.log(`${names.length} ABIs in ${relative(process.cwd(), target) || '.'}`)
}
