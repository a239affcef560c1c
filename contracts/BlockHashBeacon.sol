// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";

/// @title A beacon of block hashes, for local and test networks
/// @notice The value is the hash of a block fixed in advance, mixed with chain, contract and request. Stateless: a request is the number
/// of the block that counts.
///
/// Warning: whoever builds that block can throw it away and try another, and so can bias the value by the price of a block. The
/// chain forgets a hash after 256 blocks: the value is then expired for ever and nobody can have it drawn again.
contract BlockHashBeacon is IBeacon {
    /// @notice Least {delayBlocks}: the next block, whose hash nobody knows yet.
    uint256 public constant MIN_DELAY_BLOCKS = 1;
    /// @notice Most {delayBlocks}: nobody waits longer than that for a seal.
    uint256 public constant MAX_DELAY_BLOCKS = 16;

    uint256 private immutable _DELAY_BLOCKS;

    /// @notice The delay asked for is outside its bounds.
    /// @param delayBlocks blocks asked for
    /// @param minimum least blocks
    /// @param maximum most blocks
    error BlockHashBeacon_DelayOutOfBounds(uint256 delayBlocks, uint256 minimum, uint256 maximum);

    /// @notice Fixes the delay for ever.
    /// @param delayBlocks_ blocks from a request to the block that counts, 1…16
    constructor(uint256 delayBlocks_) {
        if (delayBlocks_ < MIN_DELAY_BLOCKS || delayBlocks_ > MAX_DELAY_BLOCKS) {
            revert BlockHashBeacon_DelayOutOfBounds(delayBlocks_, MIN_DELAY_BLOCKS, MAX_DELAY_BLOCKS);
        }

        _DELAY_BLOCKS = delayBlocks_;
    }

    /// @notice Blocks from a request to the block whose hash counts.
    /// @return blocks, 1…16
    function delayBlocks() external view returns (uint256) {
        return _DELAY_BLOCKS;
    }

    /// @inheritdoc IBeacon
    function request() external view returns (uint64 requestId) {
        // A block number stays below 2⁶⁴ for longer than the sun shines.
        return uint64(block.number + _DELAY_BLOCKS);
    }

    /// @inheritdoc IBeacon
    function read(uint64 requestId) external view returns (Status status, bytes32 value) {
        if (block.number <= requestId) return (Status.Pending, 0);

        // Zero when the block is older than its lifetime.
        bytes32 blockHash = blockhash(requestId);
        if (blockHash == 0) return (Status.Expired, 0);

        return (Status.Ready, keccak256(abi.encode(block.chainid, address(this), requestId, blockHash)));
    }
}
