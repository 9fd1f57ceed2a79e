namespace Unlearn.MLNet;

/// <summary>Watches an unlearner that changes the target step by step.</summary>
/// <param name="step">Number of the step that was taken, from 1.</param>
/// <param name="confidences">
/// Computes p_y, in [0, 1], of the rows to forget under the model as it now is, in the order of <see cref="UnlearningRequest.Forget"/>. It is computed only if it is
/// called, which is possible until the observer returns.
/// </param>
public delegate void StepObserver(int step, Func<IReadOnlyList<double>> confidences);
