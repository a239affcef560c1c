// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract whose storage anyone can read
/// @notice Views cost a contract code that its users don't need. This one function gives the raw slots; {RoundsSlots} tells where things
/// lie and {RoundsLens} what they mean.
interface ISlotReader {
    /// @notice The values of any storage slots, all as of one block.
    /// @param slots any number, in any order
    /// @return time unix seconds of that block, which phases are told by
    /// @return values one a slot, in the same order; 0 for a slot that was never written
    function readSlots(bytes32[] calldata slots) external view returns (uint256 time, bytes32[] memory values);
}
