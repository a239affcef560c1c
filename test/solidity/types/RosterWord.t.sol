// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RosterWord, RosterWordLibrary} from "../../../contracts/types/RosterWord.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Which places are taken, and which have changed.
contract RosterWordTest is Test {
    /// Each of the 64 places is forgotten, and nothing beside them.
    function testFuzz_ForgettingChangesLeavesAllElse(uint256 bits) public pure {
        RosterWord word = RosterWord.wrap(bits);
        RosterWord without = word.withoutChanges();
        assertEq(without.changed(), 0);
        uint256 places = RosterWordLibrary.PLACES + RosterWordLibrary.CANDIDATES;
        for (uint256 i = 0; i < places; ++i) assertTrue(without.isTaken(i) == word.isTaken(i));
        assertEq(RosterWord.unwrap(without.withAllChanged(word.changed())), bits);
    }
}
