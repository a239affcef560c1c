// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJury} from "../interfaces/IJury.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {JuryRoster} from "./JuryRoster.sol";

/// @title Votes of all jurors about a suspended verdict
/// @notice More than half of the weight of all who were jurors when the guardian suspended it decide; fewer decide nothing.
abstract contract Polls is JuryRoster {
    mapping(uint256 caseId => Poll) private _polls;

    /// @notice See {JuryRoster}.
    /// @param court_ the only one that can ask for panels
    /// @param minStake_ least ASSAY wei of a juror
    /// @param placeDelaySeconds_ from joining or leaving until it counts
    /// @param bindingSeconds_ from then until no case can need a juror that left
    constructor(
        address court_,
        uint96 minStake_,
        uint32 placeDelaySeconds_,
        uint32 bindingSeconds_
    ) JuryRoster(court_, minStake_, placeDelaySeconds_, bindingSeconds_) {}

    /// @inheritdoc IJury
    function openPoll(uint256 caseId) external onlyCourt {
        uint256 total = 0;
        for (uint256 place = 0; place < Sampling.MAX_VALIDATORS; ++place) {
            total += _seatedAt(place, block.timestamp).weight;
        }
        (_polls[caseId].openedAt, _polls[caseId].totalWeight) = (uint40(block.timestamp), uint24(total));

        emit PollOpened(caseId, total);
    }

    /// @inheritdoc IJury
    function votePoll(uint256 caseId, uint256 place, bool isForExecution) external {
        Poll memory poll = _polls[caseId];
        if (poll.openedAt == 0) revert Jury_NoPoll(caseId);
        Place memory seat = _seatedAt(place, poll.openedAt);
        if (place >= Sampling.MAX_VALIDATORS || seat.account != msg.sender) {
            revert Jury_NotInPoll(caseId, place, msg.sender);
        }
        if ((poll.voted >> place) & 1 == 1) revert Jury_PollVoted(caseId, msg.sender);

        poll.voted |= uint64(1 << place);
        if (isForExecution) poll.weightFor += seat.weight;
        else poll.weightAgainst += seat.weight;
        _polls[caseId] = poll;

        emit PollVoted(caseId, msg.sender, isForExecution, seat.weight);
    }

    /// @inheritdoc IJury
    function pollOf(uint256 caseId) external view returns (Poll memory) {
        return _polls[caseId];
    }

    /// @inheritdoc IJury
    function decisionOf(uint256 caseId) external view returns (PollDecision) {
        Poll memory poll = _polls[caseId];
        if (2 * uint256(poll.weightFor) > poll.totalWeight) return PollDecision.Execute;
        if (2 * uint256(poll.weightAgainst) > poll.totalWeight) return PollDecision.Annul;
        return PollDecision.None;
    }
}
