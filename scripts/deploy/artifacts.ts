import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, ArtifactResolver } from '@nomicfoundation/ignition-core'
import { bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem'

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

/**
 * keccak256 of a contract's code, with zeros where its constructor writes what it fixes: then the same in every deployment. Where
 * one such value is used several times, a place that has another one keeps it: no constructor wrote that.
 *
 * @param code on a chain; that of this build by default
 */
export async function codeHashOf(name: string, code?: Hex): Promise<Hex> {
  const { deployedBytecode, immutableReferences = {} } = await loadArtifact(name)
  const bytes = hexToBytes(code ?? (deployedBytecode as Hex))
  for (const places of Object.values(immutableReferences)) {
    const parts = places.map(({ start, length }) => bytes.subarray(start, start + length))
    const first = bytesToHex(parts[0]!)
    for (const part of parts) if (bytesToHex(part) === first) part.fill(0)
  }
  return keccak256(bytes)
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
