namespace Unlearn.MLNet;

/// <summary>Factors and hardness labels of one data set, for transfer to others.</summary>
public sealed record TransferDataSet
{
    /// <summary>Name of the data set.</summary>
    public required string Name { get; init; }

    /// <summary>The factor columns.</summary>
    public required IReadOnlyList<FactorColumn> Factors { get; init; }

    /// <summary>Hardness label per row.</summary>
    public required IReadOnlyList<bool> Labels { get; init; }

    /// <summary>Group of each row; a group never straddles two folds.</summary>
    public required IReadOnlyList<int> Groups { get; init; }
}
