// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Readings} from "../../../contracts/libraries/Readings.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Who pays the readers of a window, and how much, to the wei. A seat's fee is 2,000,001 wei.
contract ReadingCostsTest is Test {
    uint256 private constant FEE = 2_000_001;
    uint96 private constant BOND = 20_000_000;
    address private constant CHALLENGER = address(0xc);
    address private constant DEFENDANT = address(0xd);

    CourtNeighbours private _all = new CourtNeighbours();
    OpenCourt private _court = new OpenCourt(_all, 1_000_000_500, 1);

    /// Where both sides pay: half of the fee, and four tenths of the other half.
    function test_AReaderEarnsTheSameWhateverItSays() public view {
        assertEq(_court.mostFee(factsOf(ICourt.CaseKind.FalseStep, Readings.SAID_BY_TWO, 0)), FEE);
        assertEq(_court.mostFee(factsOf(ICourt.CaseKind.WindowWithheld, 0, 0)), FEE);
        assertEq(_court.mostFee(factsOf(ICourt.CaseKind.WindowWithheld, Readings.SAID_BY_TWO, 0)), 1_400_000);
    }

    function test_AnyOtherBondIsLostWhole() public {
        assertEq(_court.loseBond(factsOf(ICourt.CaseKind.FalseStep, Readings.SAID_BY_TWO, 100_000_000)), BOND);
        assertEq(_court.owedTo(CHALLENGER), 0);
        assertEq(_all.slashed().amount, 0);
    }

    function test_WhoAskedAlonePaysTheReaders() public {
        assertEq(_court.loseBond(factsOf(ICourt.CaseKind.WindowWithheld, 0, 100_000_000)), 3 * FEE);
        assertEq(_court.owedTo(CHALLENGER), BOND - 3 * FEE);
        assertEq(_all.slashed().amount, 0);
    }

    /// Half of the fees, but of the defendant no more than a twentieth of its base.
    function test_BothPayWhereASecondSeatSaysTheSame() public {
        loseShared(100_000_000, 3_000_001);
        loseShared(60_000_020, 3_000_001);
        loseShared(60_000_019, 3_000_000);
        loseShared(19, 0);
    }

    function loseShared(uint96 base, uint256 share) private {
        uint256 before = _court.owedTo(CHALLENGER);
        _all.pay(777);
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.WindowWithheld, Readings.SAID_BY_TWO, base);
        assertEq(_court.loseBond(facts), 3_000_001 + 777);
        assertEq(_court.owedTo(CHALLENGER) - before, BOND - 3_000_001);
        CourtNeighbours.Slash memory slashed = _all.slashed();
        assertEq(slashed.account, DEFENDANT);
        assertEq(slashed.taskId, 1);
        assertEq(slashed.amount, share);
        assertEq(slashed.reason, SlashReasons.READING_FEE);
        assertEq(slashed.rewardBps, 4_000);
    }

    function factsOf(
        ICourt.CaseKind kind,
        bytes32 context,
        uint96 base
    ) private pure returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round, facts.context) = (kind, 1, 5, context);
        (facts.challenger, facts.bond, facts.defendant, facts.base) = (CHALLENGER, BOND, DEFENDANT, base);
    }
}
