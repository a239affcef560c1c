// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice What each seat earns or loses by what it said, and when a juror loses its place. A seat's fee is 2,001 wei.
contract JurorStakesTest is Test {
    uint256 private constant FEE = 2_001;
    uint96 private constant JUROR_STAKE = 1_000_500;
    /// One and a half times the least stake.
    uint256 private constant WEIGHT = 384;
    address private constant JUROR = address(0x1);
    bytes32 private constant CANNOT_EXECUTE = bytes32(uint256(1));
    bytes32 private constant MISSING = bytes32(uint256(2));
    bytes32 private constant UNAVAILABLE = bytes32(uint256(3));
    bytes32 private constant TRUTH = "what the rule gives";

    CourtNeighbours private _all = new CourtNeighbours();
    OpenCourt private _court = new OpenCourt(_all, JUROR_STAKE, 1_000);

    function setUp() public {
        vm.warp(90 days);
        _all.give(address(_court), 100_000);
    }

    // ---- what was said

    /// What the last panel reports by what the seat said: paid, not paid, or slashed.
    function test_ASeatIsPaidForTheReportOrForSayingNothingElse() public {
        bytes32[5] memory said = [TRUTH, bytes32("another value"), CANNOT_EXECUTE, MISSING, UNAVAILABLE];
        // By report, then by what was said: p is paid, n isn't, w is wrong.
        string[4] memory expected = ["pwnnn", "ppnpn", "ppnnp", "ppnnn"];
        bytes32[4] memory reports = [TRUTH, MISSING, UNAVAILABLE, bytes32(0)];
        uint256 caseId = 0;
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 j = 0; j < 5; ++j) {
                address juror = address(uint160(100 + ++caseId));
                uint256 panelId = closeCase(caseId, reports[i]);
                _all.setSeat(panelId, 0, CourtNeighbours.Seat(IJury.SeatStatus.Revealed, juror, WEIGHT, said[j]));
                bytes1 wanted = bytes(expected[i])[j];
                settle(caseId, juror, wanted == "p", wanted == "w" ? penaltyOf(3_000) : 0);
                assertEq(_all.expulsions(juror), wanted == "w" ? 1 : 0);
            }
        }
    }

    function settle(uint256 caseId, address juror, bool isPaid, uint256 penalty) private {
        uint256 burnt = _all.burnt();
        uint256 owed = _court.owedTo(juror);
        vm.expectEmit(address(_court));
        emit ICourt.SeatSettled(caseId, 0, juror, isPaid ? FEE : 0, penalty);
        _court.settleSeat(caseId, 0, 0);
        assertEq(_court.owedTo(juror) - owed, isPaid ? FEE : 0);
        assertEq(_all.burnt() - burnt, isPaid ? 0 : FEE);
    }

    /// Of a juror that was released nobody knows any more whom to pay.
    function test_AReleasedJurorIsNotPaid() public {
        uint256 panelId = closeCase(1, TRUTH);
        _all.setSeat(panelId, 0, CourtNeighbours.Seat(IJury.SeatStatus.Revealed, address(0), WEIGHT, TRUTH));
        settle(1, address(0), false, 0);
    }

    /// What is left where the fee was cut.
    function test_ASeatEarnsTheFeeOfItsCase() public {
        uint256 panelId = closeCase(1, TRUTH);
        _court.putClosed(1, true, 7);
        _all.setSeat(panelId, 0, CourtNeighbours.Seat(IJury.SeatStatus.Revealed, JUROR, WEIGHT, TRUTH));
        _court.settleSeat(1, 0, 0);
        assertEq(_court.owedTo(JUROR), 7);
    }

    function test_RevertWhen_ThereIsNoSeatToSettle() public {
        ICourt.Facts memory facts;
        _court.putEnded(1, facts, ICourt.Verdict.Acquitted, 0, 11, 3);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotClosed.selector, 1));
        _court.settleSeat(1, 0, 0);
        _court.putClosed(1, false, 0);
        expectNoSeat(0);
        for (uint256 place = 2; place < 4; ++place) {
            _all.setSeat(11, place, CourtNeighbours.Seat(IJury.SeatStatus.Revealed, JUROR, WEIGHT, TRUTH));
            _court.settleSeat(1, 0, place);
            expectNoSeat(place);
        }
        expectNoSeat(2);
        assertEq(_court.owedTo(JUROR), 2 * FEE);
    }

    function expectNoSeat(uint256 place) private {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSeatToSettle.selector, 1, 0, place));
        _court.settleSeat(1, 0, place);
    }

    // ---- repeats

    /// Another wrong value in another case within 30 days costs all; in the same case it costs the same again.
    function test_ASecondWrongValueCostsAllOfTheBase() public {
        settleAs(1, IJury.SeatStatus.Revealed, penaltyOf(3_000), SlashReasons.WRONG_JUROR);
        assertEq(_all.expulsions(JUROR), 1);
        _all.setSeat(11, 1, CourtNeighbours.Seat(IJury.SeatStatus.Revealed, JUROR, WEIGHT, "wrong"));
        _court.settleSeat(1, 0, 1);
        assertEq(_all.slashed().amount, penaltyOf(3_000));
        skip(30 days - 1);
        settleAs(2, IJury.SeatStatus.Revealed, penaltyOf(10_000), SlashReasons.WRONG_JUROR);
        skip(30 days);
        settleAs(3, IJury.SeatStatus.Revealed, penaltyOf(3_000), SlashReasons.WRONG_JUROR);
        assertEq(_all.expulsions(JUROR), 4);
    }

    /// Who is silent pays the same each time, and loses its place with the second time within 30 days.
    function test_ASecondSilenceCostsThePlace() public {
        settleAs(1, IJury.SeatStatus.Silent, penaltyOf(200), SlashReasons.SILENT_JUROR);
        assertEq(_all.expulsions(JUROR), 0);
        skip(30 days);
        settleAs(2, IJury.SeatStatus.Silent, penaltyOf(200), SlashReasons.SILENT_JUROR);
        assertEq(_all.expulsions(JUROR), 0);
        skip(30 days - 1);
        settleAs(3, IJury.SeatStatus.Silent, penaltyOf(200), SlashReasons.SILENT_JUROR);
        assertEq(_all.expulsions(JUROR), 1);
        assertEq(_court.owedTo(JUROR), 0);
    }

    function settleAs(uint256 caseId, IJury.SeatStatus status, uint256 penalty, bytes32 reason) private {
        uint256 panelId = closeCase(caseId, TRUTH);
        _all.setSeat(panelId, 0, CourtNeighbours.Seat(status, JUROR, WEIGHT, "wrong"));
        settle(caseId, JUROR, false, penalty);
        CourtNeighbours.Slash memory slashed = _all.slashed();
        assertEq(slashed.account, JUROR);
        assertEq(slashed.taskId, _court.JURY_ID());
        assertEq(slashed.amount, penalty);
        assertEq(slashed.reason, reason);
        assertEq(slashed.rewardBps, 0);
    }

    /// @dev A share of one and a half times the least stake.
    function penaltyOf(uint256 shareBps) private pure returns (uint256) {
        return (((uint256(JUROR_STAKE) * 3) / 2) * shareBps) / 10_000;
    }

    /// @dev A closed case whose only panel, 10 above its number, reported something.
    function closeCase(uint256 caseId, bytes32 report) private returns (uint256 panelId) {
        ICourt.Facts memory facts;
        panelId = caseId + 10;
        _court.putEnded(caseId, facts, ICourt.Verdict.Dismissed, 0, panelId, 3);
        _court.putClosed(caseId, false, 0);
        _all.setPanel(panelId, true, report);
    }

    // ---- coming and going

    function test_AJurorReservesItsStakeAndReleasesWhomItDisplaces() public {
        _court.joinJury(5_000, new bytes(32));
        assertEq(_all.reserved(address(this)), 5_000);
        assertEq(_all.admissions(address(this)), 1);
        assertEq(_all.releases(JUROR), 0);

        _all.displace(JUROR);
        vm.expectEmit(address(_court));
        emit ICourt.JurorJoined(address(this), 6_000, new bytes(2_048));
        _court.joinJury(6_000, new bytes(2_048));
        assertEq(_all.releases(JUROR), 1);

        _court.leaveJury();
        assertEq(_all.dismissals(address(this)), 1);
        _court.releaseJuror(JUROR);
        assertEq(_all.removals(JUROR), 1);
        assertEq(_all.releases(JUROR), 2);
    }

    function test_RevertWhen_AnEncryptionKeyIsTooShortOrTooLong() public {
        uint256[2] memory lengths = [uint256(31), 2_049];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_EncryptionKeyLength.selector, lengths[i], 32, 2_048));
            _court.joinJury(5_000, new bytes(lengths[i]));
        }
    }
}
