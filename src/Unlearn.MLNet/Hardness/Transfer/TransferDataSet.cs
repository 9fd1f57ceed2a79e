namespace Unlearn.MLNet;

/// <summary>What hardness was found in one data set, for transfer to others.</summary>
/// <param name="Name">Name of the data set.</param>
/// <param name="Factors">The factor columns.</param>
/// <param name="Labels">Hardness label per row.</param>
/// <param name="Groups">Group of each row; a group never straddles two folds.</param>
public sealed record TransferDataSet(string Name, IReadOnlyList<FactorColumn> Factors, IReadOnlyList<bool> Labels, IReadOnlyList<int> Groups);
