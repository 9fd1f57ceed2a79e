namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Reads what factors need of the current row.</summary>
/// <param name="Features">Copies the features.</param>
/// <param name="Label">The label from 0, −1 where it is missing.</param>
/// <param name="Key">The key of the row id; <see langword="null"/> where rows are known by their features.</param>
internal sealed record FactorInput(Action<Span<float>> Features, Func<long> Label, Func<long>? Key);
