namespace Unlearn.MLNet;

/// <summary>Watches an unlearner that changes the target step by step.</summary>
/// <param name="step">Number of the finished step, from 1.</param>
/// <param name="confidences">
/// Computes p_y, in [0, 1], of the rows to forget under the current model, in the order of <see cref="UnlearningRequest.Forget"/>. The observer may call it
/// until it returns; without a call, nothing is computed.
/// </param>
public delegate void StepObserver(int step, Func<IReadOnlyList<double>> confidences);
