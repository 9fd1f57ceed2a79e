using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Studies;

/// <summary>How many trials of an unlearner a study runs.</summary>
/// <param name="Unlearner">The unlearner.</param>
/// <param name="Trials">Number of trials, an even number from 2: half of them make up each half.</param>
/// <param name="ForgetShare">Share of the rows that one trial forgets, in (0, 1).</param>
public sealed record UnlearnerPlan(IUnlearner Unlearner, int Trials, double ForgetShare);
