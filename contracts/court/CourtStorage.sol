// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../interfaces/IAccusations.sol";
import {IAssayToken} from "../interfaces/IAssayToken.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {IRoundsCourt} from "../interfaces/IRoundsCourt.sol";
import {IStakeRegistry} from "../interfaces/IStakeRegistry.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {JuryAnswers} from "../libraries/JuryAnswers.sol";
import {CaseWord, CaseWordLibrary} from "../types/CaseWord.sol";

/// @title The storage of the court, its terms, and where a case stands
/// @notice A case has one word. All that it is about is given again with each call.
abstract contract CourtStorage is ICourt {
    uint256 internal constant BPS = 10_000;
    /// f, what a seat earns, as a share of the least stake of a juror.
    uint256 private constant FEE_BPS = 20;
    /// Thirteen words.
    uint256 private constant FACTS_BYTES = 416;
    /// Bit i: cases of kind i are decided without a panel.
    uint256 private constant WITHOUT_PANEL =
        (1 << uint256(CaseKind.OpeningWithheld)) | (1 << uint256(CaseKind.TwoStatements));
    /// Bit i: cases of kind i are about a hash that several may have voted for.
    uint256 private constant ABOUT_VOTES =
        (1 << uint256(CaseKind.FalseAggregate)) | (1 << uint256(CaseKind.FalseModel));
    /// Bit i: to cases of kind i other defendants can be added.
    uint256 internal constant WITH_SEVERAL = ABOUT_VOTES | (1 << uint256(CaseKind.FalseStep));
    /// In {_charges}.
    uint256 internal constant DECIDED = 1 << 255;

    IAssayToken internal immutable _TOKEN;
    IStakeRegistry internal immutable _REGISTRY;
    ITasks internal immutable _TASKS;
    IRoundsCourt internal immutable _ROUNDS;
    IJury internal immutable _JURY;
    IAccusations internal immutable _ACCUSATIONS;
    uint256 internal immutable _JUROR_MIN_STAKE;
    uint256 internal immutable _FIRST_SEATS;
    uint256 internal immutable _SECOND_SEATS;
    uint256 internal immutable _LAST_INSTANCE;
    address internal immutable _GUARDIAN;
    uint96 internal immutable _MIN_BOND;
    uint96 internal immutable _ANSWER_REFUND;
    uint32 internal immutable _OPENING_SECONDS;
    uint32 internal immutable _APPEAL_SECONDS;
    uint32 internal immutable _GUARDIAN_SECONDS;
    uint32 internal immutable _SUSPENSION_SECONDS;
    /// From the opening of a case to its execution at most, by the limits of Tasks.
    uint256 internal immutable _LONGEST_SECONDS;

    // One slot: whoever opens a case writes both.
    uint128 internal _caseCount;
    uint128 internal _panelCount;

    mapping(uint256 caseId => CaseWord) internal _cases;
    /// ASSAY wei for a seat, of cases that can't pay the usual fee.
    mapping(uint256 caseId => uint256 fee) internal _cutFees;
    /// By the instance that was appealed against.
    mapping(uint256 caseId => mapping(uint256 instance => Appeal)) internal _appeals;
    /// Bases of validators that were added to a case, while it keeps their earnings; 0 once that ended.
    mapping(uint256 caseId => mapping(address defendant => uint256 base)) internal _bases;
    /// Bit i: the seat at place i was settled.
    mapping(uint256 caseId => mapping(uint256 instance => uint256 places)) internal _settledSeats;

    /// Bit 255: the charge is decided for good, answered, or a jury came to the same value; or the window was asked for. Bit i below 64: the validator with
    /// roster index i was proven to have voted for this model, in whatever case.
    mapping(bytes32 charge => uint256) internal _charges;
    /// Who lost a case about a charge.
    mapping(bytes32 charge => mapping(address challenger => bool)) internal _isBarred;

    /// @notice Sets the terms, for good.
    /// @param tasks_ the tasks; registry and rounds follow from it
    /// @param jury_ the jury, created for this contract
    /// @param accusations_ opens cases
    /// @param terms_ see {ICourt.CourtTerms}
    constructor(ITasks tasks_, IJury jury_, IAccusations accusations_, CourtTerms memory terms_) {
        _TASKS = tasks_;
        _ACCUSATIONS = accusations_;
        _REGISTRY = IStakeRegistry(tasks_.registry());
        _ROUNDS = IRoundsCourt(tasks_.rounds());
        _TOKEN = IAssayToken(_REGISTRY.token());
        _JURY = jury_;
        IJury.JuryTerms memory juryTerms = jury_.terms();
        _JUROR_MIN_STAKE = juryTerms.minStake;
        _FIRST_SEATS = juryTerms.firstSeats;
        _SECOND_SEATS = juryTerms.secondSeats;
        _LAST_INSTANCE = jury_.lastInstance();
        _GUARDIAN = terms_.guardian;
        _MIN_BOND = terms_.minBond;
        _ANSWER_REFUND = terms_.answerRefund;
        _OPENING_SECONDS = terms_.openingSeconds;
        _APPEAL_SECONDS = terms_.appealSeconds;
        _GUARDIAN_SECONDS = terms_.guardianSeconds;
        _SUSPENSION_SECONDS = terms_.suspensionSeconds;
        ITasks.Timing memory timing = tasks_.timing();
        _LONGEST_SECONDS = uint256(timing.verdictSeconds) + timing.executionSeconds;
    }

    // ---- kinds

    /// @dev Whether cases of a kind are decided by panels.
    function _hasPanel(CaseKind kind) internal pure returns (bool) {
        return (WITHOUT_PANEL >> uint256(kind)) & 1 == 0;
    }

    /// @dev Whether cases of a kind are about a hash that several voted for.
    function _isVote(CaseKind kind) internal pure returns (bool) {
        return (ABOUT_VOTES >> uint256(kind)) & 1 == 1;
    }

    // ---- what is one charge

    /// @dev The key of what a case says. A false hash is the same charge whoever voted for it, a window however it is asked
    /// for.
    function _chargeOf(Facts memory facts) internal pure returns (bytes32) {
        address whose = _isVote(facts.kind) ? address(0) : facts.defendant;
        bytes32 context = _isReading(facts) ? bytes32(0) : facts.context;
        bytes32 what = keccak256(abi.encode(facts.subject, facts.accused, context));
        return keccak256(abi.encode(facts.kind, facts.taskId, facts.round, whose, what));
    }

    /// @dev Notes a voter for a model; or with bit 255 that a window was asked for, so that nobody pays for it again and again.
    function _noteVoter(Facts memory facts, bytes32 charge, uint256 voter) internal {
        if (facts.kind == CaseKind.FalseModel || _isReading(facts)) _charges[charge] |= 1 << voter;
    }

    /// @dev Whether readers sit in the first panel of a case.
    function _isReading(Facts memory facts) internal pure returns (bool) {
        return facts.kind == CaseKind.WindowWithheld;
    }

    /// @dev Slashes an account, and gives what is taken and what of it can be paid out.
    function _slash(
        address account,
        uint64 id,
        uint256 amount,
        bytes32 reason,
        uint256 rewardBps
    ) internal returns (uint256 taken, uint256 payable_) {
        return _REGISTRY.slash(account, id, amount, reason, rewardBps);
    }

    /// @dev ASSAY wei that a seat earns.
    function _fee() internal view returns (uint256) {
        // A stake is below 2⁹⁶.
        unchecked {
            return (_JUROR_MIN_STAKE * FEE_BPS) / BPS;
        }
    }

    // ---- where a case stands

    /// @dev An open case with these facts.
    function _requireOpen(uint256 caseId, Facts calldata facts) internal view returns (CaseWord case_) {
        case_ = _requireFacts(caseId, facts);
        if (_verdictOf(case_) != Verdict.None) revert Court_HasVerdict(caseId, _verdictOf(case_));
    }

    /// @dev A case that is to be carried out, with these facts.
    function _requireGuilty(uint256 caseId, Facts calldata facts) internal view returns (CaseWord case_) {
        case_ = _requireFacts(caseId, facts);
        if (_verdictOf(case_) != Verdict.Guilty) revert Court_NoVerdict(caseId);
        if (case_.isClosed()) revert Court_IsClosed(caseId);
    }

    /// @dev A case with these facts.
    function _requireFacts(uint256 caseId, Facts calldata facts) internal view returns (CaseWord case_) {
        case_ = _cases[caseId];
        bytes21 given = CaseWordLibrary.cut(_hashOf(facts));
        if (given != case_.facts()) revert Court_WrongFacts(caseId, given, case_.facts());
    }

    /// @dev keccak256(abi.encode(facts)): all fields have a word. Bits beyond a field's type give another hash, so facts with
    /// such bits belong to no case.
    function _hashOf(Facts calldata facts) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, facts, FACTS_BYTES)
            hash := keccak256(free, FACTS_BYTES)
        }
    }

    /// @dev Reverts unless bonds are settled.
    function _requireClosed(uint256 caseId, CaseWord case_) internal pure {
        if (!case_.isClosed()) revert Court_NotClosed(caseId);
    }

    /// @dev Reverts before a time, in unix seconds.
    function _requireFrom(uint256 caseId, uint256 time) internal view {
        if (block.timestamp < time) _refuseAsTooEarly(caseId, time);
    }

    /// @dev Reverts from a time on, in unix seconds.
    function _requireBefore(uint256 caseId, uint256 deadline) internal view {
        if (block.timestamp >= deadline) revert Court_TooLate(caseId, deadline);
    }

    function _refuseAsTooEarly(uint256 caseId, uint256 readyAt) internal pure {
        revert Court_TooEarly(caseId, readyAt);
    }

    /// @dev Reverts unless the call is for cases of this kind.
    function _requireKind(bool isKind, uint256 caseId, CaseKind kind) internal pure {
        if (!isKind) revert Court_WrongKind(caseId, kind);
    }

    function _verdictOf(CaseWord case_) internal pure returns (Verdict) {
        return Verdict(case_.verdict());
    }

    /// @dev The panel of an instance, 0 if there is none.
    function _panelOf(uint256 caseId, CaseWord case_, uint256 instance) internal view returns (uint256) {
        if (instance > case_.instance()) return 0;
        return instance == 0 ? case_.panel() : _appeals[caseId][instance - 1].panelId;
    }

    /// @dev What the last panel of a case with a verdict reported, 0 if it reported nothing or there was none.
    function _reportOf(uint256 caseId, CaseWord case_) internal view returns (bytes32) {
        return _reportAt(caseId, case_, case_.instance());
    }

    /// @dev What a panel of a case with a verdict reported, as in {_reportOf}.
    function _reportAt(uint256 caseId, CaseWord case_, uint256 instance) internal view returns (bytes32) {
        uint256 panelId = _panelOf(caseId, case_, instance);
        Verdict verdict = _verdictOf(case_);
        bool isVoid = panelId == 0 || verdict == Verdict.None || verdict == Verdict.Annulled;
        return isVoid ? bytes32(0) : _JURY.reportOf(panelId);
    }

    /// @dev The facts with the kind of fault that a defendant answers for. A score that nobody can compute again, because
    /// nobody can get the update, is no false one. Who was added to a case about a step claimed to have replayed the window.
    function _foundBy(
        uint256 caseId,
        CaseWord case_,
        Facts calldata facts,
        address defendant
    ) internal view returns (Facts memory found) {
        found = facts;
        if (defendant != facts.defendant) found.kind = _faultOfAdded(facts.kind);
        else if (facts.kind == CaseKind.FalseScore && _reportOf(caseId, case_) == JuryAnswers.UPDATE_UNAVAILABLE) {
            found.kind = CaseKind.UpdateUnavailable;
        }
    }

    /// @dev What those answer for who are added to a case of a kind.
    function _faultOfAdded(CaseKind kind) internal pure returns (CaseKind) {
        return kind == CaseKind.FalseStep ? CaseKind.PassClaimed : kind;
    }

    /// @dev ASSAY wei for each seat of a closed case that voted as it should.
    function _feeOf(uint256 caseId, CaseWord case_) internal view returns (uint256) {
        if (!case_.isClosed() || case_.panel() == 0) return 0;
        return case_.isFeeCut() ? _cutFees[caseId] : _fee();
    }

    /// @inheritdoc ICourt
    function caseOf(uint256 caseId) external view returns (Case memory found) {
        CaseWord case_ = _cases[caseId];
        (found.factsHash, found.verdict) = (case_.facts(), _verdictOf(case_));
        (found.isClosed, found.wasSuspended) = (case_.isClosed(), case_.wasSuspended());
        (found.instance, found.readyAt) = (uint8(case_.instance()), uint40(case_.readyAt()));
        for (uint256 i = 0; i < 3; ++i) found.panelIds[i] = uint32(_panelOf(caseId, case_, i));
    }

    /// @inheritdoc ICourt
    function closingOf(uint256 caseId) external view returns (Closing memory) {
        CaseWord case_ = _cases[caseId];
        return Closing(_feeOf(caseId, case_), _reportOf(caseId, case_));
    }

    /// @inheritdoc ICourt
    function appealOf(uint256 caseId, uint256 instance) external view returns (Appeal memory) {
        return _appeals[caseId][instance];
    }

    /// @inheritdoc ICourt
    function baseOf(uint256 caseId, address defendant) external view returns (uint256) {
        return _bases[caseId][defendant];
    }

    /// @inheritdoc ICourt
    function caseCount() external view returns (uint256) {
        return _caseCount;
    }

    /// @inheritdoc ICourt
    function terms() external view returns (CourtTerms memory) {
        return
            CourtTerms({
                guardian: _GUARDIAN,
                minBond: _MIN_BOND,
                answerRefund: _ANSWER_REFUND,
                openingSeconds: _OPENING_SECONDS,
                appealSeconds: _APPEAL_SECONDS,
                guardianSeconds: _GUARDIAN_SECONDS,
                suspensionSeconds: _SUSPENSION_SECONDS
            });
    }

    /// @inheritdoc ICourt
    function wiring() external view returns (ITasks, IStakeRegistry, IRoundsCourt, IJury, IAccusations) {
        return (_TASKS, _REGISTRY, _ROUNDS, _JURY, _ACCUSATIONS);
    }
}
