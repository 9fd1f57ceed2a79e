using Unlearn.MLNet.GroundTruth;

namespace Unlearn.MLNet;

/// <summary>Where an unlearner stood at the end of a round.</summary>
/// <param name="Round">Number of the round, from 1.</param>
/// <param name="Unlearner">Name of the unlearner.</param>
/// <param name="Trials">Its trials so far.</param>
/// <param name="Ceiling">Its ceiling.</param>
public sealed record AdaptiveRound(int Round, string Unlearner, int Trials, double Ceiling);
