// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {RoundRecords} from "../../../contracts/libraries/RoundRecords.sol";
import {ResultWord} from "../../../contracts/types/ResultWord.sol";
import {WeightLanes} from "../../../contracts/types/WeightLanes.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {Vm, vm} from "../fixtures/Vm.sol";

/// @title What the chain keeps of a round for cases
/// @notice Each chain of hashes is built again from events alone.
contract RoundsEvidenceTest is RoundsChain {
    uint224 private _chain;
    bytes32 private _roster;
    bytes32 private _lastBeacon;

    function setUp() public override {
        super.setUp();
        enrol(20);
        join(7);
        vm.recordLogs();
    }

    // ---- The record

    function test_TheRecordOfARoundIsRebuiltFromEvents() public {
        for (uint32 r = 1; r <= 3; ++r) {
            playRound(20, entry(9_000, 0, 2));
            (uint224 record, uint256 submissions) = rounds.recordOf(taskId, r);
            assertEq(record, rebuilt(), "record");
            assertEq(submissions, 20);
        }
    }

    function test_CohortsAreFoldedInOneByOne_HoweverManyACallSettles() public {
        openAndSeal(20);
        planAll(entry(9_000, 0, 2));
        scoreAttempt(0);
        (uint224 before, ) = rounds.recordOf(taskId, 1);
        (address[] memory first, address[] memory second) = (membersOf(1), membersOf(0));
        address[] memory members = new address[](20);
        for (uint256 i = 0; i < 20; ++i) members[i] = i < first.length ? first[i] : second[i - first.length];
        uint32[] memory cohorts = new uint32[](2);
        cohorts[0] = 1;

        rounds.settle(taskId, cohorts, members);

        (uint224 record, ) = rounds.recordOf(taskId, 1);
        assertNotEq(record, before);
        assertEq(record, rebuilt());
    }

    function test_SettlingAgainLeavesTheRecord() public {
        openAndSeal(20);
        planAll(entry(9_000, 0, 2));
        scoreAttempt(0);
        settle(0);
        (uint224 record, ) = rounds.recordOf(taskId, 1);

        settle(0);

        (uint224 same, ) = rounds.recordOf(taskId, 1);
        assertEq(same, record);
    }

    function test_TheRosterDigestFollowsTheFrozenRoster() public {
        playRound(1, entry(9_000, 0, 2));
        bytes32 before = _roster;
        rebuilt();
        assertNotEq(_roster, before);
        before = _roster;
        playRound(1, entry(9_000, 0, 2));
        rebuilt();
        assertEq(_roster, before, "no event: the roster is the same");

        // One more counts from the round after the next one on.
        join(1);
        for (uint256 i = 0; i < 2; ++i) playRound(1, entry(9_000, 0, 2));
        (uint224 record, ) = rounds.recordOf(taskId, 4);
        assertEq(record, rebuilt());
        assertNotEq(_roster, before);
    }

    // ---- Which rounds it keeps

    function test_Attack60_ARoundIsKeptUntilTheEighthAfterItOpens() public {
        for (uint32 r = 1; r <= 8; ++r) playRound(1, entry(9_000, 0, 2));
        assertKept(1, true);
        assertKept(8, true);
        assertKept(9, false);
        assertKept(0, false);

        open();

        assertKept(1, false);
        assertKept(2, true);
        (uint224 record, uint256 submissions) = rounds.recordOf(taskId, 9);
        assertNotEq(record, 0);
        assertEq(submissions, 0);
        assertEq(rounds.beaconAt(taskId, 9), 0, "not that of round 1");
        assertEq(rounds.pageOf(taskId, 9, 0), 0, "not that of round 1");
        (uint256 openedAt, uint256 closedAt) = rounds.timesOf(taskId, 9);
        assertEq(openedAt, block.timestamp);
        assertEq(closedAt, 0, "not that of round 1");
        for (uint256 i = 0; i < validators.length; ++i) assertEq(rounds.sheetOf(taskId, validators[i], 9, 0), 0);
    }

    function test_AVoidRoundHasNoBeaconAndNoPages() public {
        for (uint32 r = 1; r <= 8; ++r) playRound(1, entry(9_000, 0, 2));
        open();
        submit(1);
        close();
        beacon.expire();
        rounds.seal(taskId);

        assertEq(rounds.beaconAt(taskId, 9), 0);
        assertEq(rounds.pageOf(taskId, 9, 0), 0);
        (, uint256 closedAt) = rounds.timesOf(taskId, 9);
        assertEq(closedAt, block.timestamp);

        playRound(1, entry(9_000, 0, 2));
        assertEq(rounds.beaconAt(taskId, 9), 0);
        (, closedAt) = rounds.timesOf(taskId, 9);
        assertTrue(closedAt != 0 && closedAt < block.timestamp);
        (uint224 record, ) = rounds.recordOf(taskId, 10);
        assertEq(record, rebuilt(), "the previous beacon is that of round 8");
    }

    function test_PagesEndWithTheSubmissions() public {
        enrol(13);
        openAndSeal(33);

        bytes32 page = 0;
        for (uint256 i = 0; i < 32; ++i)
            page = keccak256(abi.encode(page, contributors[i], commitmentOf(contributors[i])));
        assertEq(rounds.pageOf(taskId, 1, 0), page);
        bytes32 last = keccak256(abi.encode(bytes32(0), contributors[32], commitmentOf(contributors[32])));
        assertEq(rounds.pageOf(taskId, 1, 1), last);
        assertEq(rounds.pageOf(taskId, 1, 2), 0);
        assertEq(rounds.pageOf(taskId, 1, type(uint256).max), 0);
    }

    function test_PagesShowOnceTheRoundIsSealed() public {
        open();
        submit(1);
        close();
        assertEq(rounds.pageOf(taskId, 1, 0), 0);
        seal(BEACON);
        assertNotEq(rounds.pageOf(taskId, 1, 0), 0);
        assertEq(rounds.beaconAt(taskId, 1), BEACON);
    }

    function test_AnUnknownTaskHasNoEvidence() public view {
        (uint224 record, uint256 submissions) = rounds.recordOf(taskId + 1, 0);
        (uint256 openedAt, uint256 closedAt) = rounds.timesOf(taskId + 1, 0);
        assertEq(uint256(record) + submissions + openedAt + closedAt, 0);
        assertEq(rounds.beaconAt(taskId + 1, 0), 0);
        assertEq(rounds.pageOf(taskId + 1, 0, 0), 0);
        assertEq(rounds.sheetOf(taskId + 1, address(0), 0, 0), 0);
    }

    // ---- What validators said

    function test_VotesAreFoldedIntoTheSheetOfTheFirstAttempt() public {
        openAndSeal(20);
        planAll(entry(9_000, 0, 2));
        scoreAttempt(0);
        settleAll();
        address voter = seatsOf(0)[0];
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(voter, 0);
        bytes32 said = tagged(1, digestOf(voter, 0, cohorts, words));
        assertEq(rounds.sheetOf(taskId, voter, 1, 0), said);

        bytes32 hash = keccak256("aggregate");
        vm.prank(voter);
        rounds.voteAggregates(taskId, one(0), oneHash(hash));
        said = tagged(1, keccak256(abi.encode(said, keccak256(abi.encode(one(0), oneHash(hash))))));
        assertEq(rounds.sheetOf(taskId, voter, 1, 0), said);

        address[] memory root = seatsOf(ROOT);
        bytes32 before = rounds.sheetOf(taskId, root[0], 1, 0);
        voteAs(root[0], hash);
        bytes32 votes = RoundRecords.votesHash(one(ROOT), oneHash(hash));
        assertEq(rounds.sheetOf(taskId, root[0], 1, 0), RoundRecords.voted(before, 1, votes));
        assertEq(rounds.sheetOf(taskId, voter, 1, 1), 0);
        assertEq(rounds.sheetOf(taskId, voter, 1, 2), 0);
    }

    function test_ASheetIsProvenWithEventsAlone() public {
        openAndSeal(20);
        planAll(entry(9_000, 0, 2));
        scoreAttempt(0);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 reveals = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRoundsEvents.ScoresRevealed.selector) continue;
            ++reveals;
            address validator = address(uint160(uint256(logs[i].topics[3])));
            assertEq(rounds.sheetOf(taskId, validator, 1, 0), tagged(1, digestIn(logs[i].data, validator)));
        }
        assertTrue(reveals >= 3, "reveals");
    }

    function test_VotesOfWhoHasNoSheetStartFromNothing() public {
        // Round 9 has the slots of round 1, in which everyone with a seat had a sheet.
        for (uint32 r = 1; r <= 8; ++r) playRound(20, entry(9_000, 0, 2));
        openAndSeal(20);
        planAll(entry(9_000, 0, 2));
        for (uint32 c = 0; c < cohortCount(); ++c) {
            for (uint256 i = 0; i < 3; ++i) silence(c, seatsOf(c)[i]);
            address[] memory redrawn = redrawnSeatsOf(c);
            planCohort(c, redrawn, entry(9_000, 0, 2));
        }
        scoreAttempt(0);
        scoreAttempt(1);
        settleAll();
        address voter = seatsOf(0)[0];
        bytes32 redrawSheet = rounds.sheetOf(taskId, voter, 9, 1);
        assertEq(rounds.sheetOf(taskId, voter, 9, 0), 0);

        vm.prank(voter);
        rounds.voteAggregates(taskId, one(0), oneHash(BEACON));

        bytes32 votes = RoundRecords.votesHash(one(0), oneHash(BEACON));
        assertEq(rounds.sheetOf(taskId, voter, 9, 0), RoundRecords.voted(0, 9, votes));
        assertEq(rounds.sheetOf(taskId, voter, 9, 1), redrawSheet);
        assertNotEq(redrawSheet, 0);
    }

    // ---- Helpers

    function tagged(uint256 r, bytes32 digest) private pure returns (bytes32) {
        return bytes32((r << 224) | uint224(uint256(digest)));
    }

    /// The digest that a validator committed to, by its reveal in round 1.
    function digestIn(bytes memory data, address validator) private view returns (bytes32) {
        (uint8 attempt, uint32[] memory cohorts, uint256[] memory words, bytes32 salt) = abi.decode(
            data,
            (uint8, uint32[], uint256[], bytes32)
        );
        bytes32 sheets = keccak256(abi.encode(cohorts, words));
        bytes32 round1 = bytes32(uint256(1));
        return keccak256(abi.encode(block.chainid, address(rounds), taskId, round1, attempt, validator, sheets, salt));
    }

    function assertKept(uint32 r, bool isKept) private view {
        (uint224 record, uint256 submissions) = rounds.recordOf(taskId, r);
        (uint256 openedAt, uint256 closedAt) = rounds.timesOf(taskId, r);
        bool[6] memory answers = [
            record != 0,
            submissions != 0,
            openedAt != 0,
            closedAt > openedAt,
            rounds.beaconAt(taskId, r) != 0,
            rounds.pageOf(taskId, r, 0) != 0
        ];
        for (uint256 i = 0; i < answers.length; ++i) assertEq(answers[i], isKept, vm.toString(i));
        bool saidAnything = false;
        for (uint256 i = 0; i < validators.length; ++i) {
            if (rounds.sheetOf(taskId, validators[i], r, 0) != 0) saidAnything = true;
        }
        assertEq(saidAnything, isKept, "sheets");
    }

    /// The record of the last round as the events since the last call tell it.
    function rebuilt() private returns (uint224) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 base;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(rounds)) continue;
            bytes32 topic = logs[i].topics[0];
            if (topic == IRoundsEvents.RosterFrozen.selector) _roster = rosterIn(logs[i].data);
            if (topic == IRoundsEvents.RoundOpened.selector) {
                base = abi.decode(logs[i].data, (bytes32));
                _chain = RoundRecords.opening(uint32(uint256(logs[i].topics[2])), base, _lastBeacon, _roster);
            }
            if (topic == IRoundsEvents.RoundSealed.selector) _lastBeacon = abi.decode(logs[i].data, (bytes32));
            if (topic != IRoundsEvents.CohortSettled.selector) continue;
            ResultWord[] memory results = abi.decode(logs[i].data, (ResultWord[]));
            uint32 cohort = uint32(uint256(logs[i].topics[3]));
            _chain = RoundRecords.settled(_chain, cohort, RoundRecords.resultsHash(results));
        }
        return _chain;
    }

    function rosterIn(bytes memory data) private pure returns (bytes32) {
        (address[] memory accounts, uint16[] memory weights) = abi.decode(data, (address[], uint16[]));
        uint256[4] memory lanes;
        for (uint256 i = 0; i < weights.length; ++i) WeightLanes.setWeight(lanes, i, weights[i]);
        return RoundRecords.rosterDigest(lanes, accounts);
    }
}
