// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a contributor commits to at enrolment
/// @notice A Merkle root alone doesn't tell how many leaves it has, and the order of the batches follows from that
/// number. With it in the hash, both are proven from one word of storage.
library DataRoots {
    /// @notice The data root of a contributor.
    /// @param sampleRoot Merkle root of its salted samples
    /// @param sampleCount number of samples under the root
    /// @return keccak256(abi.encode(sampleRoot, sampleCount))
    function enrolled(bytes32 sampleRoot, uint256 sampleCount) internal pure returns (bytes32) {
        return keccak256(abi.encode(sampleRoot, sampleCount));
    }
}
