import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, ArtifactResolver } from '@nomicfoundation/ignition-core'
import { type Hex, keccak256 } from 'viem'

const FOLDER = join(import.meta.dirname, '../../artifacts')

/** Reads what `npm run compile` wrote, so that a deployment needs no compiler and no Hardhat. */
export function artifactsOnDisk(): ArtifactResolver {
  return {
    loadArtifact,
    getBuildInfo: async (name) => {
      const { buildInfoId } = await loadArtifact(name)
      const text = await readFile(join(FOLDER, 'build-info', `${buildInfoId}.json`), 'utf8').catch(
        () => undefined, // Ignition keeps it beside the journal, for people only
      )
      return text === undefined ? undefined : JSON.parse(text)
    },
  }
}

/** keccak256 of the code that a contract without immutables has on chain. */
async function codeHashOf(name: string): Promise<Hex> {
  const { deployedBytecode } = await loadArtifact(name)
  return keccak256(deployedBytecode as Hex)
}

/** Of the pieces of code that Rounds runs on its own storage, as this build has them. */
export async function codeHashesOfPieces(): Promise<
  Record<'extensionCodeHash' | 'membershipCodeHash' | 'casesCodeHash', Hex>
> {
  return {
    extensionCodeHash: await codeHashOf('RoundsExtension'),
    membershipCodeHash: await codeHashOf('RoundsMembership'),
    casesCodeHash: await codeHashOf('RoundsCases'),
  }
}

async function loadArtifact(name: string): Promise<Artifact> {
  const [file] = globSync(`contracts/**/${name}.sol/${name}.json`, { cwd: FOLDER })
  if (file === undefined) throw new Error(`${name} is not compiled: run npm run compile.`)
  return JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Artifact
}
