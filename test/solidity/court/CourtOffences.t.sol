// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {WindowEvidence} from "../fixtures/WindowEvidence.sol";

/// What one more offence costs where the earlier ones had other bases, and where rounds fill a word of 160.
contract CourtOffencesTest is WindowEvidence {
    /// Each base is that of its own round: a validator's weight, and a task's terms, may change between them.
    function test_EachOffenceKeepsItsBase() public {
        giveStake(alice, 10 * STAKE);
        // A tenth of the base, twice as much with each one before it.
        assertEq(withhold(6, 100 ether), 10 ether);
        assertEq(withhold(7, 50 ether), 10 ether);
        // An earlier one costs its own tenth, and what the later ones lack: a tenth of 100, a fifth of 50.
        assertEq(withhold(5, 80 ether), 8 ether + 10 ether + 10 ether);
        // A tenth of 80, a fifth of 100, two fifths of 50.
        assertEq(withhold(4, 60 ether), 6 ether + 8 ether + 20 ether + 20 ether);
    }

    /// The 160th round is the first of the second word.
    function test_AnOffenceIsPunishedOnceInEveryWord() public {
        giveStake(alice, 10 * STAKE);
        for (uint32 round = 159; round < 162; ++round) {
            ICourt.Facts memory first = withheldWindow(challenger, alice, round, 3);
            ICourt.Facts memory second = withheldWindow(challenger, alice, round, 4);
            (uint256 firstId, uint256 secondId) = (openReading(first), openReading(second));
            uint256 share = uint256(STAKE / 10) << (round - 159);
            assertEq(convicted(firstId, first), share);
            assertEq(convicted(secondId, second), 0);
        }
    }

    function withhold(uint32 round, uint96 base) private returns (uint256) {
        ICourt.Facts memory facts = withheldWindow(challenger, alice, round, 3);
        facts.base = base;
        return convicted(openReading(facts), facts);
    }

    /// @dev What it costs alice.
    function convicted(uint256 caseId, ICourt.Facts memory facts) private returns (uint256) {
        uint256 before = stakeOf(alice);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        return before - stakeOf(alice);
    }
}
