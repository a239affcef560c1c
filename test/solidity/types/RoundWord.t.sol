// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundWord, RoundWordLibrary} from "../../../contracts/types/RoundWord.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice The seasons of a task.
contract RoundWordTest is Test {
    using RoundWordLibrary for RoundWord;

    /// Each pause begins the next one, modulo 128, and changes nothing else.
    function testFuzz_SeasonsFollowEachOther(uint256 bits) public pure {
        RoundWord word = RoundWord.wrap(bits);
        RoundWord next = word.withNextSeason();
        assertEq(next.season(), (word.season() + 1) % 128);
        uint256 others = ~(uint256(127) << 209);
        assertEq(RoundWord.unwrap(next) & others, bits & others);
    }
}
