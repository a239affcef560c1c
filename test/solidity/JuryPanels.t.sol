// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../contracts/interfaces/IJury.sol";
import {IBeacon} from "../../contracts/interfaces/IBeacon.sol";
import {Sampling} from "../../contracts/libraries/Sampling.sol";
import {WeightLanes} from "../../contracts/types/WeightLanes.sol";
import {Juries} from "./fixtures/Juries.sol";
import {vm} from "./fixtures/Vm.sol";

/// From a panel's opening to its end: requests, draws, and each second at which something changes.
contract JuryPanelsTest is Juries {
    uint256 private constant MAX_REQUESTS = 6;
    address private constant NEWCOMER = address(0xb0b);
    address private constant LATER = address(0xca11);

    // ---- opening

    function test_OpeningRequestsTheBeacon() public {
        join(5);
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(1, 1, 1);
        assertEq(openPanel(1), 1);

        assertStatus(1, IJury.PanelStatus.Drawing);
        assertEq(jury.revealEndOf(1), 0);
        IJury.Panel memory panel = jury.panelOf(1);
        assertEq(panel.openedAt, block.timestamp);
        assertEq(panel.requestedAt, block.timestamp);
        assertEq(panel.instance, 1);
        assertEq(panel.beaconId, 1);
        assertEq(panel.requests, 1);
        assertEq(openPanel(0), 2);
    }

    function test_RevertWhen_TheInstanceIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OutOfBounds.selector, "instance", 4, 0, 2));
        openPanel(4);
        // 256 would be 0 in a field of eight bits.
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OutOfBounds.selector, "instance", 256, 0, 2));
        openPanel(256);
    }

    function test_APanelThatDoesNotExistHasNothing() public {
        openPanel(0);
        assertStatus(0, IJury.PanelStatus.None);
        assertStatus(2, IJury.PanelStatus.None);
        assertEq(jury.revealEndOf(2), 0);
        expectWrongStatus(2, IJury.PanelStatus.None, IJury.PanelStatus.Drawing);
        jury.draw(2);
        expectWrongStatus(2, IJury.PanelStatus.None, IJury.PanelStatus.Committing);
        jury.commitVote(2, 0, A);
        expectWrongStatus(2, IJury.PanelStatus.None, IJury.PanelStatus.Revealing);
        jury.revealVote(2, 0, A, WITNESS, 0);
        expectWrongStatus(2, IJury.PanelStatus.None, IJury.PanelStatus.Ended);
        jury.reportOf(2);
        (IJury.SeatStatus status, address juror, uint256 weight, bytes32 result) = jury.seatOf(2, 0);
        assertEq(uint256(status), uint256(IJury.SeatStatus.NotDrawn));
        assertEq(juror, address(0));
        assertEq(weight, 0);
        assertEq(result, 0);
    }

    // ---- drawing

    function testFuzz_DrawsTheCommitteeOfTheBeacon(bytes32 value, uint256 luck, uint8 secondInstance) public {
        uint256[4] memory weights;
        for (uint256 i = 0; i < 12; ++i) {
            uint256 weight = bound(uint256(keccak256(abi.encode(luck, i))), 256, 1_024);
            jury.admit(jurorAt(i), stakeOf(weight));
            WeightLanes.setWeight(weights, i, weight);
        }
        skip(DELAY);
        // A juror that doesn't count yet has no part in it.
        jury.admit(NEWCOMER, stakeOf(1_024));
        uint256 seats = secondInstance % 2 == 0 ? 3 : 5;
        uint256 panelId = openPanel(secondInstance % 2);
        beacon.answer(value);

        uint256 drawn = Sampling.drawCommittee(keccak256(abi.encode(value, panelId)), weights, seats, 0);
        uint64 mask = uint64(Sampling.seatMask(drawn, seats));
        uint256 commitEnd = block.timestamp + COMMIT;
        vm.expectEmit(address(jury));
        emit IJury.PanelDrawn(panelId, mask, commitEnd, commitEnd + REVEAL);
        jury.draw(panelId);

        IJury.Panel memory panel = jury.panelOf(panelId);
        assertEq(panel.drawn, mask);
        assertEq(panel.totalWeight, seats);
        assertFalse(panel.hasAll);
    }

    function test_TwoPanelsOfOneBeaconHaveDifferentSeats() public {
        join(64);
        openPanel(1);
        openPanel(1);
        // Both requests in one block could have one value.
        vm.mockCall(
            address(beacon),
            abi.encodeWithSelector(IBeacon.read.selector),
            abi.encode(IBeacon.Status.Ready, bytes32("a seed"))
        );
        jury.draw(1);
        jury.draw(2);
        assertNotEq(uint256(jury.panelOf(1).drawn), jury.panelOf(2).drawn);
    }

    function test_AllSitIfTheyAreNoMoreThanSeats() public {
        join(4);
        uint256 panelId = openDrawn(1);
        IJury.Panel memory panel = jury.panelOf(panelId);
        assertEq(panel.drawn, 0xf);
        assertEq(panel.totalWeight, 4);
        assertFalse(panel.hasAll);
    }

    function test_AllSitInTheLastInstanceWithTheirWeights() public {
        for (uint256 i = 0; i < 64; ++i) jury.admit(jurorAt(i), stakeOf(1_024));
        skip(DELAY);
        uint256 panelId = openPanel(2);
        beacon.answer("a seed");
        uint256 commitEnd = block.timestamp + 2 * COMMIT;
        vm.expectEmit(address(jury));
        emit IJury.PanelDrawn(panelId, type(uint64).max, commitEnd, commitEnd + 2 * REVEAL);
        jury.draw(panelId);
        assertEq(jury.panelOf(panelId).totalWeight, 64 * 1_024);
        assertTrue(jury.panelOf(panelId).hasAll);
        (, address juror, uint256 weight, ) = jury.seatOf(panelId, 63);
        assertEq(juror, jurorAt(63));
        assertEq(weight, 1_024);
    }

    function test_RevertWhen_TheBeaconHasNoValue() public {
        join(3);
        uint256 panelId = openPanel(0);
        skip(DRAW - 1);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_BeaconPending.selector, panelId, 1));
        jury.draw(panelId);
    }

    function test_AValueIsGoodUntilTheLastSecondForDraws() public {
        join(3);
        uint256 panelId = openPanel(0);
        beacon.answer("a seed");
        skip(DRAW - 1);
        jury.draw(panelId);
        assertStatus(panelId, IJury.PanelStatus.Committing);
    }

    function test_ALateDrawRequestsTheBeaconAgain() public {
        join(3);
        uint256 panelId = openPanel(0);
        beacon.answer("a seed");
        skip(DRAW);
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(panelId, 0, 2);
        jury.draw(panelId);

        assertStatus(panelId, IJury.PanelStatus.Drawing);
        assertEq(jury.panelOf(panelId).requests, 2);
        assertEq(jury.panelOf(panelId).requestedAt, block.timestamp);
        assertEq(jury.panelOf(panelId).openedAt, block.timestamp - DRAW);
        beacon.answer("another seed");
        skip(DRAW - 1);
        jury.draw(panelId);
        assertStatus(panelId, IJury.PanelStatus.Committing);
    }

    function test_AnExpiredValueIsRequestedAgainAtOnce() public {
        join(3);
        uint256 panelId = openPanel(0);
        beacon.expire();
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(panelId, 0, 2);
        jury.draw(panelId);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_BeaconPending.selector, panelId, 2));
        jury.draw(panelId);
    }

    function test_APanelWithoutABeaconEndsEmpty() public {
        join(3);
        uint256 panelId = openPanel(0);
        for (uint256 i = 1; i < MAX_REQUESTS; ++i) {
            skip(DRAW);
            jury.draw(panelId);
        }
        assertEq(jury.panelOf(panelId).requests, MAX_REQUESTS);
        skip(DRAW);
        vm.expectEmit(address(jury));
        emit IJury.PanelEmpty(panelId, 0);
        jury.draw(panelId);

        assertStatus(panelId, IJury.PanelStatus.Empty);
        assertEq(jury.panelOf(panelId).drawnAt, block.timestamp);
        assertEq(jury.reportOf(panelId), 0);
        expectWrongStatus(panelId, IJury.PanelStatus.Empty, IJury.PanelStatus.Drawing);
        jury.draw(panelId);
        expectWrongStatus(panelId, IJury.PanelStatus.Empty, IJury.PanelStatus.Committing);
        jury.commitVote(panelId, 0, A);
    }

    function test_ABeaconThatFailsCountsAsPending() public {
        join(3);
        uint256 panelId = openPanel(0);
        vm.mockCallRevert(address(beacon), abi.encodeCall(IBeacon.read, (1)), "broken");
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_BeaconPending.selector, panelId, 1));
        jury.draw(panelId);
        skip(DRAW);
        jury.draw(panelId);
        beacon.answer("a seed");
        jury.draw(panelId);
        assertStatus(panelId, IJury.PanelStatus.Committing);
    }

    /// A beacon that refuses neither keeps a panel from being opened nor locks it.
    function test_ABeaconThatRefusesCountsAsPending() public {
        join(3);
        vm.mockCallRevert(address(beacon), abi.encodeCall(IBeacon.request, ()), "broken");
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(1, 0, 0);
        uint256 panelId = openPanel(0);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_BeaconPending.selector, panelId, 0));
        jury.draw(panelId);
        skip(DRAW);
        jury.draw(panelId);
        assertEq(jury.panelOf(panelId).requests, 2);
        vm.clearMockedCalls();
        skip(DRAW);
        jury.draw(panelId);
        assertEq(jury.panelOf(panelId).beaconId, 1);
        beacon.answer("a seed");
        jury.draw(panelId);
        assertStatus(panelId, IJury.PanelStatus.Committing);
    }

    function test_FewerThanThreeJurorsAreNoJury() public {
        join(2);
        uint256 panelId = openPanel(0);
        beacon.answer("a seed");
        vm.expectEmit(address(jury));
        emit IJury.PanelEmpty(panelId, 2);
        jury.draw(panelId);
        assertStatus(panelId, IJury.PanelStatus.Empty);
        assertEq(jury.reportOf(panelId), 0);
        assertStatus(openDrawn(2), IJury.PanelStatus.Empty);
    }

    // ---- who can't be drawn

    function test_PartiesAreNotDrawn() public {
        join(5);
        address[] memory parties = new address[](4);
        (parties[0], parties[1], parties[2], parties[3]) = (jurorAt(1), address(0xdead), jurorAt(4), jurorAt(1));
        uint256 panelId = openPanel(2, parties);
        assertEq(jury.panelOf(panelId).excluded, 0x12);
        beacon.answer("a seed");
        jury.draw(panelId);
        assertEq(jury.panelOf(panelId).drawn, 0xd);
        assertEq(jury.panelOf(panelId).totalWeight, 3 * 256);
    }

    function test_APartyThatOnlyWaitsKeepsNobodyOut() public {
        join(64);
        jury.admit(NEWCOMER, stakeOf(257));
        address[] memory parties = new address[](1);
        parties[0] = NEWCOMER;
        assertEq(jury.panelOf(openPanel(0, parties)).excluded, 0);
        skip(DELAY + BINDING);
        assertEq(jury.panelOf(openPanel(0, parties)).excluded, 1);
        parties[0] = jurorAt(0);
        assertEq(jury.panelOf(openPanel(0, parties)).excluded, 0);
        // Also when its place has passed on.
        jury.dismiss(jurorAt(0));
        assertEq(jury.panelOf(openPanel(0, parties)).excluded, 0);
    }

    /// Parties could otherwise join their own jury by keeping it from being drawn.
    function test_WhoJoinsAfterTheOpeningIsNotDrawnAfterASecondRequestEither() public {
        join(4);
        jury.admit(NEWCOMER, MIN_STAKE);
        skip(DELAY - 1);
        uint256 panelId = openPanel(2);
        jury.admit(LATER, MIN_STAKE);
        skip(DELAY);
        jury.draw(panelId);
        beacon.answer("a seed");
        jury.draw(panelId);
        assertEq(jury.panelOf(panelId).drawn, 0xf);
        assertEq(seatsOf(openDrawn(2)).length, 6);
    }

    function test_WhoLeftBeforeASecondRequestIsNotDrawn() public {
        join(5);
        jury.dismiss(jurorAt(0));
        skip(1);
        jury.dismiss(jurorAt(1));
        skip(DELAY - 2);
        uint256 panelId = openPanel(2);
        beacon.expire();
        skip(1);
        jury.draw(panelId);
        beacon.answer("a seed");
        skip(1);
        jury.draw(panelId);
        // The second one leaves in the second of the draw, a second after the request.
        assertEq(jury.panelOf(panelId).drawn, 0x1e);
    }

    // ---- appeals

    /// Nobody joins to sit in a case that exists, and its parties stay out, whatever places they have by then.
    function test_AnAppealDrawsFromTheRosterOfItsCase() public {
        join(6);
        address[] memory parties = new address[](2);
        (parties[0], parties[1]) = (jurorAt(2), NEWCOMER);
        uint256 former = openPanel(0, parties);
        jury.admit(NEWCOMER, MIN_STAKE);
        jury.admit(LATER, MIN_STAKE);
        jury.dismiss(jurorAt(5));
        skip(DELAY);
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(2, 2, 2);
        jury.openNextPanel(2, 2, former);
        assertEq(jury.panelOf(2).openedAt, block.timestamp - DELAY);
        assertEq(jury.panelOf(2).requestedAt, block.timestamp);
        assertEq(jury.panelOf(2).excluded, 4);
        beacon.answer("a seed");
        jury.draw(2);
        // The sixth has left by now.
        assertEq(jury.panelOf(2).drawn, 0x1b);
        (, , , uint256 seats) = jury.outcomeOf(2, ICourt.CaseKind.FalseStep, 0);
        assertEq(seats, 4);
        assertFalse(jury.hasReports(2));
    }

    function test_RevertWhen_APanelHasTheNumber() public {
        openPanel(0);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_PanelExists.selector, 1));
        jury.openPanel(1, 0, nobody);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_PanelExists.selector, 1));
        jury.openNextPanel(1, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OutOfBounds.selector, "instance", 4, 0, 2));
        jury.openNextPanel(2, 4, 1);
    }

    // ---- places that change hands

    function test_AJurorIsFixedForEveryPanelOpenedWhileItCounted() public {
        join(64);
        jury.admit(NEWCOMER, stakeOf(1_024));
        skip(DELAY - 1);
        uint256 before = openDrawn(2);
        skip(1);
        uint256 afterwards = openDrawn(2);
        assertEq(jury.panelOf(before).drawn, type(uint64).max);
        assertEq(jury.panelOf(afterwards).drawn, type(uint64).max - 1);
        assertSeat(before, jurorAt(0), 256);
        commit(before, 0, A);
        vm.prank(NEWCOMER);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NoSeat.selector, before, 0, NEWCOMER));
        jury.commitVote(before, 0, A);

        skip(BINDING - 1);
        assertSeat(before, jurorAt(0), 256);
        skip(1);
        uint256 latest = openDrawn(2);
        assertSeat(latest, NEWCOMER, 1_024);
        // While nobody wrote to the place, its former juror is still known.
        assertSeat(before, jurorAt(0), 256);
        jury.dismiss(NEWCOMER);
        // Never the newcomer, whom the court would punish for the other's silence.
        assertSeat(before, address(0), 0);
        assertSeat(latest, NEWCOMER, 1_024);
    }

    // ---- the clock

    function test_EachPhaseEndsAtItsSecond() public {
        join(3);
        assertTimes(openPanel(0), COMMIT, REVEAL);
        assertTimes(openPanel(1), COMMIT, REVEAL);
        assertTimes(openPanel(2), 2 * COMMIT, 2 * REVEAL);
    }

    function assertTimes(uint256 panelId, uint256 commitSeconds, uint256 revealSeconds) private {
        assertStatus(panelId, IJury.PanelStatus.Drawing);
        expectWrongStatus(panelId, IJury.PanelStatus.Drawing, IJury.PanelStatus.Committing);
        jury.commitVote(panelId, 0, A);
        beacon.answer("a seed");
        skip(7);
        jury.draw(panelId);

        assertStatus(panelId, IJury.PanelStatus.Committing);
        assertEq(jury.revealEndOf(panelId), block.timestamp + commitSeconds + revealSeconds);
        expectWrongStatus(panelId, IJury.PanelStatus.Committing, IJury.PanelStatus.Drawing);
        jury.draw(panelId);
        skip(commitSeconds - 1);
        assertStatus(panelId, IJury.PanelStatus.Committing);
        commit(panelId, 0, A);
        expectWrongStatus(panelId, IJury.PanelStatus.Committing, IJury.PanelStatus.Revealing);
        jury.revealVote(panelId, 0, A, WITNESS, 0);
        skip(1);

        assertStatus(panelId, IJury.PanelStatus.Revealing);
        expectWrongStatus(panelId, IJury.PanelStatus.Revealing, IJury.PanelStatus.Committing);
        jury.commitVote(panelId, 1, A);
        skip(revealSeconds - 1);
        assertStatus(panelId, IJury.PanelStatus.Revealing);
        expectWrongStatus(panelId, IJury.PanelStatus.Revealing, IJury.PanelStatus.Ended);
        jury.reportOf(panelId);
        uint256 state = vm.snapshotState();
        reveal(panelId, 0, A);
        vm.revertToState(state);
        skip(1);

        assertStatus(panelId, IJury.PanelStatus.Ended);
        expectWrongStatus(panelId, IJury.PanelStatus.Ended, IJury.PanelStatus.Revealing);
        jury.revealVote(panelId, 0, A, WITNESS, 0);
        assertEq(jury.reportOf(panelId), 0);
    }

    // ---- helpers

    function assertSeat(uint256 panelId, address juror, uint256 weight) private view {
        (IJury.SeatStatus status, address found, uint256 foundWeight, ) = jury.seatOf(panelId, 0);
        assertEq(uint256(status), uint256(IJury.SeatStatus.Silent));
        assertEq(found, juror);
        assertEq(foundWeight, weight);
    }

    function expectWrongStatus(uint256 panelId, IJury.PanelStatus status, IJury.PanelStatus needed) private {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_WrongStatus.selector, panelId, status, needed));
    }
}
