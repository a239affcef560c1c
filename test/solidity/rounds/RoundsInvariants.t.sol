// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsAnyone} from "../../../contracts/interfaces/IRoundsAnyone.sol";
import {IRoundsContributors} from "../../../contracts/interfaces/IRoundsContributors.sol";
import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsKeepers} from "../../../contracts/interfaces/IRoundsKeepers.sol";
import {IRoundsVotes} from "../../../contracts/interfaces/IRoundsVotes.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {IRoundsValidators} from "../../../contracts/interfaces/IRoundsValidators.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsPlay} from "../fixtures/RoundsPlay.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// Eighteen contributors, nine validators and strangers play rounds: mostly what is due, often something else. Before
/// each call the model predicts its result: success, or an error with all its values.
contract RoundsHandler is RoundsPlay {
    struct Committed {
        bytes32 digest;
        uint32[] cohorts;
        uint256[] words;
    }

    mapping(bytes32 key => Committed) private _committed;
    mapping(uint32 round => mapping(uint32 cohort => mapping(address seat => bool))) private _hasVoted;

    bool private _isLazyRound;

    constructor() {
        setUp();
    }

    function setUp() public override {
        super.setUp();
        cost = tasks.largestRoundCost(taskId);
        funded = tasks.fundsOf(taskId).funded;
        enrol(PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i)
            (isEnrolled[contributors[i]], records[contributors[i]].reputation) = (true, 5_000);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (firstRound[contributors[i]], enrolledAt[contributors[i]]) = (1, vm.getBlockTimestamp());
        }
        for (uint256 i = 0; i < 9; ++i) {
            uint256 stake = (200 + 100 * i) * ASSAY;
            address validator = joinWith(stake);
            (places[validator].inNext, places[validator].stake) = (true, stake);
            (places[validator].firstRound, places[validator].bidAt) = (1, vm.getBlockTimestamp());
        }
        skip(1);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        (params.minContributors, params.maxRounds) = (2, MAX_ROUNDS);
    }

    // ---- The action

    function act(uint256 seed) external {
        _seed = seed;
        // Mostly what is due: held pay is lost or released three settled rounds later at the earliest.
        uint256 kind = next(24);
        if (kind < 18) actInTurn();
        else if (kind == 18) actOutOfTurn();
        else if (kind == 19) claim(anybody());
        else if (kind == 20) changePeople();
        else if (kind == 21) changeValidators(validators[next(9)]);
        else if (kind == 22) changeMoney();
        else if (next(4) == 0) skip(status == Status.Idle && next(4) == 0 ? 3 days + next(30 days) : next(400));
    }

    function changePeople() private {
        askTooMuch();
        changeContributors(someContributor());
    }

    function actInTurn() private {
        IRoundsTypes.Phase now_ = phase();
        if (now_ == IRoundsTypes.Phase.Idle) openNow();
        else if (now_ == IRoundsTypes.Phase.Submit) submitSome();
        else if (now_ == IRoundsTypes.Phase.CloseDue) closeNow();
        else if (now_ == IRoundsTypes.Phase.SealDue) sealNow();
        else if (now_ == IRoundsTypes.Phase.Open) vm.warp(sealedAt + PHASE);
        else if (now_ == IRoundsTypes.Phase.Commit) everybodyCommits(0);
        else if (now_ == IRoundsTypes.Phase.Reveal) everybodyReveals(0);
        else if (now_ == IRoundsTypes.Phase.RedrawCommit) everybodyCommits(1);
        else if (now_ == IRoundsTypes.Phase.RedrawReveal) everybodyReveals(1);
        else if (now_ == IRoundsTypes.Phase.SettleDue) settleOrVoid(uint32(next(cohorts.length)));
        else if (now_ == IRoundsTypes.Phase.CohortVote) voteSome();
        else if (now_ == IRoundsTypes.Phase.RootVote) voteSome();
        else finalizeNow();
    }

    // ---- Moving the round on

    function openNow() private {
        bytes memory refusal;
        uint256 available = funded - refunded - liability;
        if (isTaskClosed) refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_TaskClosed.selector, taskId);
        else if (number >= MAX_ROUNDS) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AllRoundsDone.selector, taskId, MAX_ROUNDS);
        } else if (countedNow() < 2) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewContributors.selector, countedNow(), 2);
        } else if (weightedCount() < 7) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, weightedCount(), 7);
        } else if (available < cost) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, taskId, cost, available);
        }
        if (does(stranger(), abi.encodeCall(IRoundsKeepers.openRound, (taskId)), refusal)) modelOpens();
    }

    function submitSome() private {
        uint256 salt = next(type(uint128).max);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (salt % 4 != 0 && (salt >> i) & 1 == 0) continue;
            submitOne(contributors[i]);
        }
        if (next(2) == 0) vm.warp(submitEnd);
    }

    function submitOne(address account) private {
        bytes memory refusal;
        if (!isEnrolled[account]) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_NotEnrolled.selector, taskId, account);
        } else if (firstCounted(account) > number) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_EnrolledTooLate.selector, taskId, number, account);
        } else if (lastRound[account] == number) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadySubmitted.selector, taskId, number, account);
        }
        bytes32 commitment = keccak256(abi.encode(account, number));
        if (!does(account, abi.encodeCall(IRoundsContributors.submit, (taskId, commitment)), refusal)) return;
        (lastRound[account], pausesBefore[account]) = (number, pauses);
        submitters.push(account);
    }

    function closeNow() private {
        does(stranger(), abi.encodeCall(IRoundsKeepers.closeSubmissions, (taskId)), "");
        if (submitters.length == 0) modelCloses();
        else status = Status.Sealing;
    }

    function sealNow() private {
        bytes memory call = abi.encodeCall(IRoundsKeepers.seal, (taskId));
        uint256 luck = next(8);
        if (luck == 0) {
            bytes memory refusal = abi.encodeWithSelector(
                IRoundsErrors.Rounds_BeaconPending.selector,
                beacon.requests()
            );
            does(stranger(), call, refusal);
        } else if (luck == 1) {
            beacon.expire();
            does(stranger(), call, "");
            modelCloses();
        } else {
            _isLazyRound = next(4) == 0;
            beacon.answer(keccak256(abi.encode(_seed)));
            does(stranger(), call, "");
            modelSeals();
        }
    }

    // ---- Scoring

    /// In some rounds most validators are silent, so that cohorts are redrawn and void.
    function isDiligent() private returns (bool) {
        return _isLazyRound ? next(3) == 0 : next(8) != 0;
    }

    /// Most validators commit if they hold a seat; then the phase ends.
    function everybodyCommits(uint8 attempt) private {
        if (attempt == 1 && next(4) == 0) settleOrVoid(uint32(next(cohorts.length)));
        for (uint256 i = 0; i < 9; ++i) if (isDiligent()) commitOne(validators[i], attempt);
        if (status == Status.Scoring && next(2) == 0) vm.warp(sealedAt + (attempt == 0 ? 2 : 4) * PHASE);
    }

    function commitOne(address validator, uint8 attempt) private {
        if (status != Status.Scoring) return;
        Committed storage sheet = _committed[keccak256(abi.encode(number, attempt, validator))];
        bytes memory refusal;
        if (!places[validator].inFrozen) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validator);
        } else if (sheet.digest != 0) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyCommitted.selector, taskId, number, attempt);
        }
        (uint32[] memory which, uint256[] memory words) = randomSheets(validator, attempt);
        bytes32 digest = digestOf(validator, attempt, which, words);
        if (!does(validator, abi.encodeCall(IRoundsValidators.commitScores, (taskId, digest)), refusal)) return;
        (sheet.digest, sheet.cohorts, sheet.words) = (digest, which, words);
    }

    function randomSheets(
        address validator,
        uint8 attempt
    ) private returns (uint32[] memory which, uint256[] memory words) {
        which = new uint32[](cohorts.length);
        words = new uint256[](2 * cohorts.length);
        uint256 count = 0;
        for (uint32 c = 0; c < cohorts.length; ++c) {
            if (cohorts[c].isDone || attempt > attemptOf(c)) continue;
            if (!contains(committee(c, attempt), validator)) continue;
            which[count] = c;
            (words[2 * count], words[2 * count + 1]) = randomSheet(c, membersOf(c).length);
            ++count;
        }
        assembly ("memory-safe") {
            mstore(which, count)
            mstore(words, mul(2, count))
        }
    }

    /// Seats mostly agree on who is audited and who fails; the rest is random.
    function randomSheet(uint32 c, uint256 size) private returns (uint256 low, uint256 high) {
        for (uint256 j = 0; j < size; ++j) {
            uint256 luck = uint256(keccak256(abi.encode(number, c, j))) % 8;
            uint256 value = entry(
                next(10_001),
                next(20_001),
                next(4) == 0 ? 4 * (uint256(keccak256(abi.encode(c, j, number))) % 4) + next(3) : 2
            );
            if (luck < 3 ? next(8) != 0 : next(8) == 0) value = entry(NOT_AUDITED, 0, 0);
            else if (luck == 7 || next(10) == 0) value = entry(GATE_FAILED, 0, next(8) / 2);
            else if (luck == 6 && value % 8 != 0) value = entry(TASK_FAULT, 0, 0);
            else if (luck == 5 && value % 4 != 0) value = entry(NO_DECISION, 0, 2);
            if (j < 8) low |= value << (32 * j);
            else high |= value << (32 * (j - 8));
        }
    }

    function everybodyReveals(uint8 attempt) private {
        for (uint256 i = 0; i < 9; ++i) if (isDiligent()) revealOne(validators[i], attempt);
        if (next(2) == 0) vm.warp(sealedAt + (attempt == 0 ? 3 : 5) * PHASE);
    }

    function revealOne(address validator, uint8 attempt) private {
        Committed storage sheet = _committed[keccak256(abi.encode(number, attempt, validator))];
        if (sheet.digest == 0 || sheet.cohorts.length == 0) return;
        uint256[] memory words = sheet.words;
        bytes memory refusal;
        if (next(16) == 0) {
            words[0] ^= 1;
            bytes32 wrong = tagged(digestOf(validator, attempt, sheet.cohorts, words));
            refusal = abi.encodeWithSelector(
                IRoundsErrors.Rounds_CommitmentMismatch.selector,
                tagged(sheet.digest),
                wrong
            );
        } else if (reveals[revealKey(sheet.cohorts[0], attempt, validator)].isDone) {
            refusal = abi.encodeWithSelector(
                IRoundsErrors.Rounds_AlreadyRevealed.selector,
                sheet.cohorts[0],
                validator
            );
        }
        bytes memory call = abi.encodeCall(IRoundsValidators.revealScores, (taskId, sheet.cohorts, words, SALT));
        if (!does(validator, call, refusal)) return;
        for (uint256 i = 0; i < sheet.cohorts.length; ++i) {
            bytes32 key = revealKey(sheet.cohorts[i], attempt, validator);
            (reveals[key].isDone, reveals[key].low, reveals[key].high) = (true, words[2 * i], words[2 * i + 1]);
        }
    }

    function tagged(bytes32 digest) private view returns (bytes32) {
        return bytes32((uint256(number) << 224) | uint224(uint256(digest)));
    }

    // ---- Settling

    function settleOrVoid(uint32 c) private {
        if (cohorts[c].isDone) return;
        address[] memory members = membersOf(c);
        uint8 attempt = attemptOf(c);
        uint256 revealed = revealedOf(c, attempt);
        bool isDue = attempt == 0 || phase() == IRoundsTypes.Phase.SettleDue;
        if (isDue && 2 * revealed > SEATS) {
            if (next(8) == 0) settleWrongly(c, members);
            does(stranger(), abi.encodeCall(IRoundsAnyone.settle, (taskId, one(c), members)), "");
            modelSettles(c);
        } else if (isDue) {
            bytes memory call = abi.encodeCall(IRoundsAnyone.settle, (taskId, one(c), members));
            uint256 known = revealed == 0 ? revealedOf(c, 0) : revealed;
            does(stranger(), call, abi.encodeWithSelector(IRoundsErrors.Rounds_NoMajority.selector, c, known, 2));
            does(stranger(), abi.encodeCall(IRoundsKeepers.voidCohort, (taskId, c)), "");
            modelVoids(c);
        }
    }

    function settleWrongly(uint32 c, address[] memory members) private {
        uint256 j = next(members.length);
        address right = members[j];
        members[j] = stranger();
        bytes memory refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_WrongContributor.selector, c, j, members[j]);
        does(stranger(), abi.encodeCall(IRoundsAnyone.settle, (taskId, one(c), members)), refusal);
        members[j] = right;
    }

    // ---- Voting

    function voteSome() private {
        for (uint256 i = 0; i < SEATS; ++i) if (next(3) != 0) voteModel(rootSeats[i]);
        if (phase() == IRoundsTypes.Phase.CohortVote) voteAggregate(uint32(next(cohorts.length)), next(SEATS));
        if (next(2) == 0) skip(PHASE);
    }

    function voteModel(address seat) private {
        if (rootVotes() == SEATS) return;
        bytes32 hash = keccak256(abi.encode("model", next(4) == 0 ? 1 : 0, number));
        bytes memory refusal;
        if (modelVotes[voteKey(seat)] != 0) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyVoted.selector, ROOT, seat);
        }
        bytes memory call = abi.encodeCall(IRoundsVotes.voteModel, (taskId, hash));
        if (does(seat, call, refusal)) modelVotes[voteKey(seat)] = hash;
    }

    function voteAggregate(uint32 c, uint256 index) private {
        address seat = committee(c, attemptOf(c))[index];
        bytes memory refusal;
        if (cohorts[c].isVoid) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_CohortNotSettled.selector, c);
        } else if (_hasVoted[number][c][seat]) {
            refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyVoted.selector, c, seat);
        }
        bytes memory call = abi.encodeCall(IRoundsVotes.voteAggregates, (taskId, one(c), oneHash(SALT)));
        if (does(seat, call, refusal)) _hasVoted[number][c][seat] = true;
    }

    function finalizeNow() private {
        does(stranger(), abi.encodeCall(IRoundsKeepers.finalizeRound, (taskId)), "");
        modelFinalizes();
        releaseForAnyone(someContributor());
        if (next(2) == 0) return;
        // Those who leave wait until they can.
        skip(CHALLENGE);
        changeContributors(someContributor());
    }

    // ---- Out of turn: every verb checks the phase first

    function actOutOfTurn() private {
        IRoundsTypes.Phase now_ = phase();
        bytes[7] memory verbs = [
            abi.encodeCall(IRoundsKeepers.openRound, (taskId)),
            abi.encodeCall(IRoundsContributors.submit, (taskId, SALT)),
            abi.encodeCall(IRoundsKeepers.closeSubmissions, (taskId)),
            abi.encodeCall(IRoundsKeepers.seal, (taskId)),
            abi.encodeCall(IRoundsAnyone.settle, (taskId, one(0), new address[](0))),
            abi.encodeCall(IRoundsKeepers.finalizeRound, (taskId)),
            abi.encodeCall(IRoundsValidators.commitScores, (taskId, SALT))
        ];
        IRoundsTypes.Phase[7] memory needed = [
            IRoundsTypes.Phase.Idle,
            IRoundsTypes.Phase.Submit,
            IRoundsTypes.Phase.CloseDue,
            IRoundsTypes.Phase.SealDue,
            IRoundsTypes.Phase.SettleDue,
            IRoundsTypes.Phase.FinalizeDue,
            IRoundsTypes.Phase.Commit
        ];
        for (uint256 i = 0; i < 7; ++i) {
            if (now_ == needed[i]) continue;
            // Settling depends on more than the phase.
            if (i == 4 && status == Status.Scoring) continue;
            if (i == 6 && now_ == IRoundsTypes.Phase.RedrawCommit) continue;
            does(
                stranger(),
                verbs[i],
                abi.encodeWithSelector(IRoundsErrors.Rounds_WrongPhase.selector, taskId, now_, needed[i])
            );
        }
    }

    /// @notice Whatever happened and whoever left: a stranger can end the round.
    function endRound() external {
        if (phase() == IRoundsTypes.Phase.Submit) vm.warp(submitEnd);
        if (phase() == IRoundsTypes.Phase.CloseDue) closeNow();
        while (status == Status.Sealing) sealNow();
        if (status == Status.Scoring) {
            vm.warp(sealedAt + 5 * PHASE);
            for (uint32 c = 0; c < cohorts.length; ++c) settleOrVoid(c);
        }
        if (status == Status.Aggregating) {
            vm.warp(doneAt + 2 * PHASE);
            finalizeNow();
        }
        assertEq(uint256(status), uint256(Status.Idle));
    }
}

contract RoundsInvariantsTest is Test {
    RoundsHandler private handler;

    function setUp() public {
        handler = new RoundsHandler();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = RoundsHandler.act.selector;
        targetSelector(FuzzSelector({addr: address(handler), selectors: selectors}));
    }

    /// Conservation, solvency, phase and credited pay, after every call.
    function invariant_EveryWeiAndEveryPhaseIsThatOfTheModel() public view {
        handler.checkMoney();
    }

    /// After each run: the record and earnings of everyone. Then strangers end the open round, and all is compared
    /// again.
    function afterInvariant() public {
        handler.checkPeople();
        handler.endRound();
        handler.checkMoney();
        handler.checkPeople();
    }

    /// Random play is worth as much as it reaches: four runs reach whole rounds with missed duties, fines, held pay and
    /// claims.
    function test_RandomPlayReachesWholeRounds() public {
        RoundsHandler[4] memory plays;
        for (uint256 p = 0; p < 4; ++p) {
            plays[p] = p == 0 ? handler : new RoundsHandler();
            for (uint256 i = 0; i < 100; ++i) plays[p].act(uint256(keccak256(abi.encode("a play", p, i))));
        }
        assertEq(missingIn(plays), "");
    }

    function missingIn(RoundsHandler[4] memory plays) private view returns (string memory missing) {
        bytes32[25] memory names = [
            IRoundsEvents.RoundOpened.selector,
            IRoundsEvents.Submitted.selector,
            IRoundsEvents.RoundSealed.selector,
            IRoundsEvents.ScoresCommitted.selector,
            IRoundsEvents.ScoresRevealed.selector,
            IRoundsEvents.CohortSettled.selector,
            IRoundsEvents.CohortVoided.selector,
            IRoundsEvents.AggregatesVoted.selector,
            IRoundsEvents.ModelVoted.selector,
            IRoundsEvents.DutyMissed.selector,
            IRoundsEvents.ValidatorPaid.selector,
            IRoundsEvents.RoundFinalized.selector,
            IRoundsEvents.RoundVoided.selector,
            IRoundsEvents.HeldReleased.selector,
            IRoundsEvents.HeldCancelled.selector,
            IRoundsEvents.Claimed.selector,
            bytes32(IRoundsErrors.Rounds_WrongPhase.selector),
            bytes32(IRoundsErrors.Rounds_NothingMatured.selector),
            bytes32(IRoundsErrors.Rounds_NoMajority.selector),
            bytes32(IRoundsErrors.Rounds_WrongContributor.selector),
            bytes32(IRoundsErrors.Rounds_CommitmentMismatch.selector),
            bytes32(IRoundsErrors.Rounds_NotFinal.selector),
            bytes32(IRoundsErrors.Rounds_ReleaseTooLow.selector),
            bytes32(IRoundsErrors.Rounds_NothingHeld.selector),
            bytes32(IRoundsErrors.Rounds_NotReleasable.selector)
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            uint256 seen = 0;
            for (uint256 p = 0; p < 4; ++p) seen += plays[p].seen(bytes4(names[i]));
            if (seen == 0) missing = string.concat(missing, " ", vm.toString(names[i]));
        }
    }
}
