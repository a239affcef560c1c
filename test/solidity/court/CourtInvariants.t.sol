// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtDouble} from "../fixtures/CourtDouble.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// Random cases, and a second book beside the court's. (In this file: the runner finds handlers only in the files it is given.)
///
/// Four challengers: an honest one, an offender's accomplice, a griefer and the offender itself. Seven defendants: an offending
/// and an honest contributor, three validators that vote falsely and two that don't. Nine jurors: two are captured, one is
/// silent. A guardian suspends what it can, a stranger executes. Whoever is honest appeals what is wrong. The model works out
/// each settlement from what was said, never from what the court stores.
contract CourtHandler is CourtDouble {
    /// What a case is about, then the model of where it stands.
    struct Play {
        uint256 kind;
        uint256 who;
        uint256 target;
        uint256 bond;
        uint256 readyAt;
        uint256 instance;
        uint256 seats;
        uint256 fee;
        uint64 committedAt;
        bytes32 report;
        uint32 round;
        uint32 subject;
        bool hasEvidence;
        bool isReported;
        bool hasReports;
        bool wasSuspended;
        bool isClosed;
        ICourt.Verdict verdict;
    }

    struct Appealed {
        uint256 who;
        uint256 bond;
        ICourt.Verdict against;
    }

    /// A reward that other cases may still get.
    struct Held {
        uint256 amount;
        uint256 play;
        uint256 until;
    }

    uint64 public constant TASK = 1;
    uint256 private constant CHALLENGERS = 4;
    uint256 private constant TARGETS = 7;
    uint256 private constant JURORS = 9;
    uint256 private constant ROUNDS = 12;
    uint256 private constant PURSE = 1_000_000 ether;
    uint256 private constant STAKE = 400 ether;
    bytes32 private constant TRUTH = "what the rule gives";
    bytes32 private constant JUNK = "junk";

    address[] public people;
    Play[] private _plays;
    mapping(uint256 play => Appealed[]) private _appeals;
    /// Drawn places by play and instance, and who of them is settled.
    mapping(uint256 play => mapping(uint256 instance => uint256)) private _drawn;
    mapping(uint256 play => mapping(uint256 instance => uint256)) private _settled;
    /// Defendants of a play whose part hasn't ended.
    mapping(uint256 play => mapping(uint256 target => bool)) private _isAccused;
    mapping(bytes32 charge => bool) private _decided;
    mapping(bytes32 charge => mapping(uint256 who => bool)) private _barred;
    mapping(uint256 kind => mapping(uint256 target => mapping(uint256 round => bool))) private _punished;
    mapping(uint256 kind => mapping(uint256 target => mapping(uint256 round => Held))) private _held;
    mapping(uint256 round => mapping(uint256 target => bool)) private _isVoter;
    uint256 private _rollBacks;

    uint256 private immutable _SUPPLY;
    uint256 public openBonds;
    uint256 public unsettledFees;
    uint256 public burnt;
    uint256 public taken;
    uint256 public rewards;
    uint256 public fines;
    /// What the offender was paid of bonds that others lost.
    uint256 public gifts;
    mapping(address account => uint256) private _owed;
    mapping(address account => uint256) private _lost;
    mapping(address juror => uint256) private _wrongAt;
    mapping(address juror => uint256) private _wrongCase;
    uint256 public heldRewards;
    uint256 public contested;
    mapping(uint256 verdict => uint256) public seen;
    uint256 public appeals;
    uint256 public repeats;
    uint256 public refusals;

    constructor() {
        setUp();
        tasks.createTask(taskParams(address(assay)));
        _SUPPLY = assay.totalSupply();
        joinJury(JURORS, 256);
        string[4] memory names = ["honest", "accomplice", "griefer", "alice"];
        for (uint256 i = 0; i < CHALLENGERS; ++i) people.push(_rich(names[i]));
        for (uint256 i = 0; i < TARGETS; ++i) {
            address target = targetAt(i);
            assay.transfer(target, STAKE);
            vm.startPrank(target);
            assay.approve(address(registry), STAKE);
            registry.stake(STAKE);
            vm.stopPrank();
        }
    }

    function _rich(string memory name) private returns (address account) {
        account = holder(name, PURSE);
        vm.prank(account);
        assay.approve(address(court), type(uint256).max);
    }

    // ---- who is who

    function targetAt(uint256 target) public view returns (address) {
        return target == 0 ? people[3] : address(uint160(0x7a0000 + target));
    }

    function _isFalse(Play memory play) private pure returns (bool) {
        if (play.kind == 1) return play.target == 0;
        if (play.kind == 2) return play.target == 0 && play.subject % 2 == 1;
        return play.target < 5;
    }

    function _baseOf(uint256 target) private pure returns (uint256) {
        return target < 2 ? 100 ether : (200 + target) * 1 ether;
    }

    function _shareOf(uint256 kind, bool isRepeat) private pure returns (uint256) {
        if (kind == 1) return 1_000;
        if (isRepeat) return 10_000;
        return kind == 2 ? 5_000 : 3_000;
    }

    function _fields(uint256 target, uint32 round) private pure returns (ICourt.OpeningFields memory fields) {
        (fields.updateHash, fields.steps) = (keccak256(abi.encode(target, round)), round);
    }

    function _factsOf(Play memory play) private view returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round) = (ICourt.CaseKind(play.kind), TASK, play.round);
        (facts.subject, facts.challenger, facts.bond) = (play.subject, people[play.who], uint96(play.bond));
        (facts.defendant, facts.base) = (targetAt(play.target), uint96(_baseOf(play.target)));
        bool isVote = play.kind > 3;
        facts.accused = keccak256(abi.encode(play.kind, isVote ? 0 : play.target, play.round, play.subject));
        if (isVote && _isFalse(play)) facts.accused = keccak256(abi.encode("false", facts.accused));
        if (play.kind == 1) {
            bytes memory what = abi.encode(block.chainid, address(rounds), TASK, play.round, facts.defendant);
            facts.accused = keccak256(bytes.concat(what, abi.encode(_fields(play.target, play.round))));
        }
        if (play.hasEvidence) facts.evidence = "evidence";
        if (isVote) facts.committee = 5 << 248;
        facts.committedAt = play.committedAt;
    }

    function _partiesOf(Play memory play) private view returns (address[] memory parties) {
        bool isVote = play.kind > 3;
        parties = new address[](isVote ? 6 : 2);
        for (uint256 i = 0; isVote && i < 5; ++i) parties[i] = targetAt(2 + i);
        if (!isVote) parties[1] = targetAt(play.target);
        parties[isVote ? 5 : 0] = people[play.who];
    }

    function _chargeOf(Play memory play) private view returns (bytes32) {
        bool isVote = play.kind > 3;
        return keccak256(abi.encode(play.kind, play.round, play.subject, _factsOf(play).accused, isVote));
    }

    // ---- opening

    /// @notice A case about anything that a challenger of this sort would open.
    function open(uint256 luck) external {
        uint256 unfinished = 0;
        for (uint256 i = 0; i < _plays.length; ++i) if (!_plays[i].isClosed) ++unfinished;
        if (unfinished > 4) {
            proceed(luck >> 64, luck >> 128);
            return;
        }
        Play memory play;
        play.who = luck % CHALLENGERS;
        play.kind = 1 + ((luck >> 8) % 5);
        play.target = play.kind < 3 ? (luck >> 16) % 2 : 2 + ((luck >> 16) % 5);
        // Accomplices and offenders accuse their own.
        if (play.who == 1 || play.who == 3) play.target = play.kind < 3 ? 0 : 2 + ((luck >> 16) % 3);
        play.round = uint32(1 + ((luck >> 24) % ROUNDS));
        play.subject = play.kind == 1 || play.kind == 5 ? 0 : uint32((luck >> 32) % 3);
        play.hasEvidence = play.who == 0 || (luck >> 40) % 2 == 0;
        play.committedAt = uint64((luck >> 48) % 3);
        if (play.who == 0 && !_isFalse(play)) return;

        bytes32 charge = _chargeOf(play);
        bytes4 refusal;
        if (_punished[play.kind][play.target][play.round]) refusal = ICourt.Court_OffenceDecided.selector;
        if (_barred[charge][play.who]) refusal = ICourt.Court_ChallengerBarred.selector;
        if (_decided[charge]) refusal = ICourt.Court_OffenceDecided.selector;
        ICourt.Facts memory facts = _factsOf(play);
        address[] memory parties = _partiesOf(play);
        vm.prank(address(accusations));
        try court.open(facts, parties, play.target) returns (uint256 caseId) {
            assertEq(uint32(refusal), 0, "refused");
            assertEq(caseId, _plays.length + 1);
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(refusal), "refusal");
            ++refusals;
            return;
        }
        play.bond = _bondOf(play);
        play.readyAt = play.kind == 1 ? block.timestamp + OPENING : 0;
        _draw(people[play.who], play.bond);
        _isAccused[_plays.length][play.target] = true;
        if (play.kind == 5) _isVoter[play.round][play.target] = true;
        _plays.push(play);
    }

    /// @dev A bond is taken from what the account is owed first.
    function _draw(address account, uint256 bond) private {
        _owed[account] -= bond < _owed[account] ? bond : _owed[account];
        openBonds += bond;
    }

    function _bondOf(Play memory play) private pure returns (uint256 bond) {
        bond = (_baseOf(play.target) * _shareOf(play.kind, false)) / 10_000 / 20;
        if (play.kind != 1 && bond < (9 * FEE) / 2) bond = (9 * FEE) / 2;
        if (bond < MIN_BOND) bond = MIN_BOND;
    }

    /// @notice Another voter for the hash of an open case.
    function addVoter(uint256 which, uint256 who) external {
        if (_plays.length == 0) return;
        uint256 i = which % _plays.length;
        Play memory play = _plays[i];
        if (play.kind < 4 || play.verdict != ICourt.Verdict.None) return;
        uint256 target = _isFalse(play) ? 2 + (who % 3) : 5 + (who % 2);
        if (_isAccused[i][target] || _punished[play.kind][target][play.round]) return;
        vm.prank(address(accusations));
        court.addDefendant(i + 1, _factsOf(play), targetAt(target), _baseOf(target), target);
        _isAccused[i][target] = true;
        if (play.kind == 5) _isVoter[play.round][target] = true;
    }

    // ---- proceeding

    /// @notice The next step of a case, by whoever makes it.
    function proceed(uint256 which, uint256 luck) public {
        if (_plays.length == 0) return;
        uint256 i = which % _plays.length;
        // Whatever else happens may take time: honest openings are posted first.
        for (uint256 j = 0; j < _plays.length; ++j) {
            if (_plays[j].kind == 1 && _plays[j].target == 1 && _plays[j].verdict == ICourt.Verdict.None) i = j;
        }
        Play storage play = _plays[i];
        if (play.isClosed) _settleSomething(i, luck);
        else if (play.verdict == ICourt.Verdict.Guilty) _execute(i, luck);
        else if (play.kind == 1) _answer(i, luck);
        else if (!play.isReported) _judge(i);
        else if (luck % 3 == 0 && block.timestamp < play.readyAt && play.instance < 2)
            _appeal(i, 1 + ((luck >> 8) % 3));
        else _conclude(i);
    }

    /// @dev Honest contributors answer, offenders don't.
    function _answer(uint256 i, uint256 luck) private {
        Play storage play = _plays[i];
        bool isInTime = block.timestamp < play.readyAt;
        if (play.target == 1 && isInTime) {
            court.postOpening(i + 1, _factsOf(play), _fields(1, play.round));
            _decided[_chargeOf(play)] = true;
            _end(i, ICourt.Verdict.Answered);
        } else if (luck % 2 == 0 || !isInTime) {
            if (isInTime) vm.warp(play.readyAt);
            court.conclude(i + 1, _factsOf(play));
            _end(i, ICourt.Verdict.Guilty);
        }
    }

    function _judge(uint256 i) private {
        Play storage play = _plays[i];
        draw(i + 1);
        uint256[] memory places = seatsOf(i + 1);
        uint256 panelId = panelOf(i + 1);
        for (uint256 j = 0; j < places.length; ++j) commitVote(panelId, places[j], _says(play, places[j]));
        vm.warp(jury.revealEndOf(panelId) - 1);
        for (uint256 j = 0; j < places.length; ++j) {
            revealVote(panelId, places[j], _says(play, places[j]));
            _drawn[i][play.instance] |= 1 << places[j];
            if (_says(play, places[j]) != SILENT) play.hasReports = true;
        }
        skip(1);
        play.seats += places.length;
        (play.isReported, play.report) = (true, _reportOf(play, places));
        play.readyAt = block.timestamp + (play.instance == 2 ? 0 : APPEAL);
        if (_isWrong(play)) _appeal(i, 0);
    }

    /// @dev What the juror at a place says about a case. The first two are captured, the third is silent.
    function _says(Play memory play, uint256 place) private view returns (bytes32) {
        if (place == 2) return SILENT;
        bytes32 accused = _factsOf(play).accused;
        if (place < 2) return _isFalse(play) ? accused : JUNK;
        if (!play.hasEvidence) return MISSING;
        return _isFalse(play) ? TRUTH : accused;
    }

    function _reportOf(Play memory play, uint256[] memory places) private view returns (bytes32) {
        for (uint256 j = 0; j < places.length; ++j) {
            bytes32 value = _says(play, places[j]);
            uint256 count = 0;
            uint256 reported = 0;
            for (uint256 k = 0; k < places.length; ++k) {
                if (_says(play, places[k]) == value) ++count;
                if (_says(play, places[k]) != SILENT) ++reported;
            }
            if (value != SILENT && 2 * count > (play.instance == 2 ? reported : places.length)) return value;
        }
        return 0;
    }

    function _verdictOf(Play memory play) private view returns (ICourt.Verdict) {
        if (play.report == MISSING) return ICourt.Verdict.Dismissed;
        bool isRight = play.report == 0 || play.report == _factsOf(play).accused;
        return isRight ? ICourt.Verdict.Acquitted : ICourt.Verdict.Guilty;
    }

    /// @dev What an honest observer doesn't let stand.
    function _isWrong(Play memory play) private view returns (bool) {
        if (play.instance == 2) return false;
        ICourt.Verdict verdict = _verdictOf(play);
        if (_isFalse(play) && play.hasEvidence) return verdict != ICourt.Verdict.Guilty;
        return verdict == ICourt.Verdict.Guilty || (_isFalse(play) && play.report == _factsOf(play).accused);
    }

    function _appeal(uint256 i, uint256 who) private {
        Play storage play = _plays[i];
        uint256 bond = play.bond << (play.instance + 1);
        uint256 least = (play.instance == 0 ? 5 : 64) * FEE;
        if (bond < least) bond = least;
        vm.prank(people[who]);
        court.appeal(i + 1, _factsOf(play));
        _appeals[i].push(Appealed(who, bond, _verdictOf(play)));
        (play.instance, play.isReported) = (play.instance + 1, false);
        _draw(people[who], bond);
        ++appeals;
    }

    function _conclude(uint256 i) private {
        Play storage play = _plays[i];
        if (block.timestamp < play.readyAt) vm.warp(play.readyAt);
        court.conclude(i + 1, _factsOf(play));
        ICourt.Verdict verdict = _verdictOf(play);
        bytes32 charge = _chargeOf(play);
        if (verdict == ICourt.Verdict.Acquitted && play.report != 0) _decided[charge] = true;
        else if (verdict != ICourt.Verdict.Guilty) _barred[charge][play.who] = true;
        _end(i, verdict);
    }

    function _end(uint256 i, ICourt.Verdict verdict) private {
        Play storage play = _plays[i];
        (play.verdict, play.readyAt) = (verdict, block.timestamp + GUARDIAN);
        ++seen[uint256(verdict)];
        if (verdict == ICourt.Verdict.Guilty) return;
        _isAccused[i][play.target] = false;
        _close(i, 0);
    }

    // ---- closing

    function _execute(uint256 i, uint256 luck) private {
        Play storage play = _plays[i];
        if (luck % 4 == 0 && !play.wasSuspended && block.timestamp < play.readyAt) {
            vm.prank(guardian);
            court.suspend(i + 1, _factsOf(play));
            (play.wasSuspended, play.readyAt) = (true, play.readyAt + SUSPENSION);
            return;
        }
        if (block.timestamp < play.readyAt) vm.warp(play.readyAt);
        vm.prank(stranger);
        court.execute(i + 1, _factsOf(play));
        uint256 voters = 0;
        for (uint256 target = 2; target < 5; ++target) if (_isVoter[play.round][target]) ++voters;
        if (play.kind == 5 && voters > 2) ++_rollBacks;
        _close(i, _punish(i, play.target));
    }

    /// @dev The model of a penalty: what the set of an account's offences costs, before and after.
    function _punish(uint256 i, uint256 target) private returns (uint256 reward) {
        Play storage play = _plays[i];
        _isAccused[i][target] = false;
        if (_punished[play.kind][target][play.round]) return 0;
        uint256 before = _penaltiesOf(play.kind, target);
        _punished[play.kind][target][play.round] = true;
        uint256 penalty = _penaltiesOf(play.kind, target) - before;
        address account = targetAt(target);
        uint256 left = STAKE - _lost[account];
        if (penalty > left) penalty = left;
        _lost[account] += penalty;
        reward = (penalty * 4_000) / 10_000;
        (taken, rewards) = (taken + penalty, rewards + reward);
    }

    function _penaltiesOf(uint256 kind, uint256 target) private view returns (uint256 sum) {
        uint256 last = 0;
        for (uint256 round = 1; round <= ROUNDS; ++round) {
            if (!_punished[kind][target][round]) continue;
            sum += (_baseOf(target) * _shareOf(kind, last != 0 && round - last < 8)) / 10_000;
            last = round;
        }
    }

    function _close(uint256 i, uint256 reward) private {
        Play storage play = _plays[i];
        play.isClosed = true;
        openBonds -= play.bond;
        // The reward of an offence that another case was about is what is left of that.
        Held storage held = _held[play.kind][play.target][play.round];
        bool wasHeld = play.verdict == ICourt.Verdict.Guilty && held.until != 0;
        if (wasHeld) {
            reward = held.amount;
            heldRewards -= reward;
        }
        bool isVoid = play.verdict == ICourt.Verdict.Acquitted && !play.hasReports;
        uint256 left = reward;
        if (isVoid || play.verdict == ICourt.Verdict.Guilty) _owed[people[play.who]] += play.bond;
        else left += play.bond;
        for (uint256 j = 0; j < _appeals[i].length; ++j) {
            Appealed memory appealed = _appeals[i][j];
            openBonds -= appealed.bond;
            if (!isVoid && appealed.against == play.verdict) left += appealed.bond;
            else _owed[people[appealed.who]] += appealed.bond;
        }
        if (play.seats != 0) play.fee = left / play.seats < FEE ? left / play.seats : FEE;
        left -= play.fee * play.seats;
        unsettledFees += play.fee * play.seats;
        uint256 toChallenger = left < reward ? left : reward;
        if (play.verdict == ICourt.Verdict.Guilty) _give(i, play.target, toChallenger);
        left -= toChallenger;
        if (play.verdict == ICourt.Verdict.Answered) {
            _owed[targetAt(play.target)] += ANSWER_REFUND;
            left -= ANSWER_REFUND;
            if (play.target == 0) gifts += ANSWER_REFUND;
        }
        burnt += left;
    }

    /// @dev A reward is its challenger's, unless other parts of cases against the account are open; then the earliest commitment
    /// decides.
    function _give(uint256 i, uint256 target, uint256 amount) private {
        Play storage play = _plays[i];
        Held storage held = _held[play.kind][target][play.round];
        if (held.until != 0) {
            held.amount = amount;
            heldRewards += amount;
            uint64 best = _plays[held.play].committedAt;
            if (play.committedAt < best || (play.committedAt == best && i < held.play)) held.play = i;
            return;
        }
        if (amount == 0) return;
        uint256 open_ = 0;
        for (uint256 j = 0; j < _plays.length; ++j) if (_isAccused[j][target]) ++open_;
        if (open_ == 0) {
            _owed[people[play.who]] += amount;
            return;
        }
        (held.amount, held.play, held.until) = (amount, i, block.timestamp + 5_000);
        heldRewards += amount;
        ++contested;
    }

    /// @dev Pays a reward that waited, or waits for it first.
    function _payHeld(uint256 i, uint256 target) private {
        Play storage play = _plays[i];
        Held storage held = _held[play.kind][target][play.round];
        ICourt.Facts memory facts = _factsOf(play);
        if (held.until == 0 || held.play != i || held.amount == 0) {
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoReward.selector, i + 1, targetAt(target)));
            court.payReward(i + 1, facts, targetAt(target));
            return;
        }
        if (block.timestamp < held.until) vm.warp(held.until);
        court.payReward(i + 1, facts, targetAt(target));
        _owed[people[play.who]] += held.amount;
        heldRewards -= held.amount;
        (held.amount, held.until) = (0, 0);
    }

    function _settleSomething(uint256 i, uint256 luck) private {
        if (luck % 16 == 0) _payHeld(i, _plays[i].target);
        uint256 target = 2 + (luck % 5);
        if (_isAccused[i][target]) _executeFor(i, target);
        uint256 instance = (luck >> 8) % 3;
        uint256 place = (luck >> 16) % JURORS;
        if ((_drawn[i][instance] >> place) & 1 == 0 || (_settled[i][instance] >> place) & 1 == 1) {
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSeatToSettle.selector, i + 1, instance, place));
            court.settleSeat(i + 1, instance, place);
            return;
        }
        _settleSeat(i, instance, place);
    }

    function _executeFor(uint256 i, uint256 target) private {
        Play storage play = _plays[i];
        vm.prank(stranger);
        court.executeFor(i + 1, _factsOf(play), targetAt(target));
        _isAccused[i][target] = false;
        if (play.verdict != ICourt.Verdict.Guilty) return;
        uint256 reward = _punish(i, target);
        Held storage held = _held[play.kind][target][play.round];
        if (held.until != 0) {
            reward = held.amount;
            heldRewards -= reward;
        }
        _give(i, target, reward);
    }

    function _settleSeat(uint256 i, uint256 instance, uint256 place) private {
        Play storage play = _plays[i];
        court.settleSeat(i + 1, instance, place);
        _settled[i][instance] |= 1 << place;
        address juror = jurorAt(place);
        bytes32 said = _says(play, place);
        uint256 penalty = 0;
        if (said == SILENT) penalty = JUROR_STAKE / 50;
        else if (said != MISSING && play.report != MISSING && play.report != 0 && said != play.report) {
            bool isRepeat = _wrongAt[juror] != 0 && block.timestamp < _wrongAt[juror] + 30 days;
            isRepeat = isRepeat && _wrongCase[juror] != i;
            penalty = isRepeat ? JUROR_STAKE : (JUROR_STAKE * 3) / 10;
            if (isRepeat) ++repeats;
            (_wrongAt[juror], _wrongCase[juror]) = (block.timestamp, i);
        }
        unsettledFees -= play.fee;
        if (penalty == 0 && (said != MISSING || play.report == MISSING)) _owed[juror] += play.fee;
        else burnt += play.fee;
        uint256 left = JUROR_STAKE - _lost[juror];
        if (penalty > left) penalty = left;
        _lost[juror] += penalty;
        fines += penalty;
    }

    /// @notice Pays out what anyone is owed.
    function withdraw(uint256 who) external {
        uint256 i = who % (CHALLENGERS + TARGETS + JURORS);
        address account = i < CHALLENGERS ? people[i] : jurorAt(i % JURORS);
        if (i >= CHALLENGERS + JURORS) account = targetAt(i - CHALLENGERS - JURORS);
        if (_owed[account] == 0) return;
        assertEq(court.withdraw(account), _owed[account]);
        _owed[account] = 0;
    }

    /// @notice Burns the pot of slashed stake.
    function burnSlashed() external {
        if (registry.slashedPot() == 0) return;
        burnt += registry.burnSlashed();
    }

    // ---- invariants

    /// The court and its pot in the registry hold open bonds, what it owes, rewards that wait, and fees of seats to be settled:
    /// to the wei.
    function checkBalance() public view {
        uint256 sum = openBonds + unsettledFees + heldRewards;
        for (uint256 i = 0; i < CHALLENGERS; ++i) sum += _owed[people[i]];
        for (uint256 i = 1; i < TARGETS; ++i) sum += _owed[targetAt(i)];
        for (uint256 i = 0; i < JURORS; ++i) sum += _owed[jurorAt(i)];
        assertEq(assay.balanceOf(address(court)) + registry.rewardPot(), sum, "balance");
    }

    /// Everybody is owed what the rules give.
    function checkOwed() public view {
        for (uint256 i = 0; i < CHALLENGERS; ++i) assertEq(court.owedTo(people[i]), _owed[people[i]], "owed");
        for (uint256 i = 1; i < TARGETS; ++i) assertEq(court.owedTo(targetAt(i)), _owed[targetAt(i)], "owed");
        for (uint256 i = 0; i < JURORS; ++i) assertEq(court.owedTo(jurorAt(i)), _owed[jurorAt(i)], "fee");
    }

    /// Penalties are those of the set of offences, whatever the order of their cases.
    function checkStakes() public view {
        for (uint256 i = 0; i < TARGETS; ++i) {
            assertEq(stakeOf(targetAt(i)), STAKE - _lost[targetAt(i)], "stake");
        }
        for (uint256 i = 0; i < JURORS; ++i) {
            assertEq(stakeOf(jurorAt(i)), JUROR_STAKE - _lost[jurorAt(i)], "juror's stake");
        }
    }

    /// Nothing is minted, and only what nobody gets is burnt.
    function checkSupply() public view {
        assertEq(assay.totalSupply(), _SUPPLY - burnt, "supply");
    }

    /// Rewards are at most 40 % of what is taken.
    function checkRewards() public view {
        assertLe(rewards * 10, taken * 4, "rewards");
    }

    /// Pay is kept exactly while a part of a case is open.
    function checkSeizures() public view {
        for (uint256 target = 0; target < TARGETS; ++target) {
            uint256 open_ = 0;
            for (uint256 i = 0; i < _plays.length; ++i) if (_isAccused[i][target]) ++open_;
            assertEq(rounds.openCases(TASK, targetAt(target)), open_, "kept pay");
        }
    }

    /// Who is honest loses nothing: neither stake, nor a bond, nor a place.
    function checkHonest() public view {
        assertEq(_lost[targetAt(1)] + _lost[targetAt(5)] + _lost[targetAt(6)], 0, "honest defendants");
        for (uint256 i = 3; i < JURORS; ++i) assertEq(_lost[jurorAt(i)], 0, "honest jurors");
        uint256 wealth = assay.balanceOf(people[0]) + court.owedTo(people[0]);
        assertLe(PURSE, wealth + openBonds, "honest challenger");
        uint256 bonds = 0;
        for (uint256 i = 0; i < _plays.length; ++i) {
            if (_plays[i].isClosed) continue;
            if (_plays[i].who == 0) bonds += _plays[i].bond;
            for (uint256 j = 0; j < _appeals[i].length; ++j) if (_appeals[i][j].who == 0) bonds += _appeals[i][j].bond;
        }
        assertLe(PURSE, wealth + bonds, "honest bonds");
    }

    /// An offender, its accomplice and captured voters together never gain, whoever of them accuses whom.
    function checkOffenders() public view {
        uint256 wealth = wealthOf(people[1]) + wealthOf(people[3]);
        uint256 initial = 2 * PURSE + STAKE;
        for (uint256 target = 2; target < 5; ++target) {
            (wealth, initial) = (wealth + wealthOf(targetAt(target)), initial + STAKE);
        }
        assertLe(wealth, initial + gifts, "offenders");
    }

    /// Whoever accuses honestly and with evidence convicts; nobody else does.
    function checkVerdicts() public view {
        for (uint256 i = 0; i < _plays.length; ++i) {
            Play memory play = _plays[i];
            ICourt.Case memory case_ = court.caseOf(i + 1);
            assertEq(uint256(case_.verdict), uint256(play.verdict), "verdict");
            assertEq(case_.isClosed, play.isClosed, "closed");
            assertEq(case_.instance, play.instance, "instance");
            if (play.verdict == ICourt.Verdict.None) continue;
            bool isProven = _isFalse(play) && (play.kind == 1 || play.hasEvidence);
            assertEq(play.verdict == ICourt.Verdict.Guilty, isProven, "truth");
        }
    }

    /// A model is undone only where most of the root committee are proven to have voted for it.
    function checkRollBacks() public view {
        assertEq(rounds.rollBacks(), _rollBacks, "roll-backs");
    }

    function checkAll() external view {
        checkBalance();
        checkOwed();
        checkStakes();
        checkSupply();
        checkRewards();
        checkSeizures();
        checkHonest();
        checkOffenders();
        checkRollBacks();
    }
}

contract CourtInvariantsTest is Test {
    CourtHandler private handler;

    function setUp() public {
        handler = new CourtHandler();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = CourtHandler.open.selector;
        selectors[1] = CourtHandler.addVoter.selector;
        selectors[2] = CourtHandler.proceed.selector;
        selectors[3] = CourtHandler.withdraw.selector;
        selectors[4] = CourtHandler.burnSlashed.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// Ten promises, each a function of the handler.
    function invariant_TheCourtKeepsItsPromises() public view {
        handler.checkAll();
    }

    function afterInvariant() public view {
        handler.checkVerdicts();
    }

    /// Random play is worth what it reaches.
    function test_RandomPlayReachesEveryVerdict() public {
        for (uint256 i = 0; i < 800; ++i) {
            uint256 luck = uint256(keccak256(abi.encode("a play", i)));
            uint256 kind = luck % 16;
            if (kind < 2) handler.open(luck >> 8);
            else if (kind == 2) handler.addVoter(luck >> 8, luck >> 128);
            else if (kind == 3) handler.withdraw(luck >> 8);
            else handler.proceed(luck >> 8, luck >> 128);
        }
        handler.checkAll();
        handler.checkVerdicts();
        for (uint256 verdict = 1; verdict < 5; ++verdict) assertGt(handler.seen(verdict), 0, "verdicts");
        assertGt(handler.appeals(), 0, "appeals");
        assertGt(handler.repeats(), 0, "repeats");
        assertGt(handler.contested(), 0, "contested rewards");
        assertGt(handler.refusals(), 0, "refusals");
        assertGt(handler.rewards(), 0, "rewards");
        assertGt(handler.fines(), 0, "fines");
        assertGt(handler.burnt(), 0, "burnt");
    }
}
