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

    /// <summary>The factors of a study, and its labels of one unlearner.</summary>
    /// <param name="study">The study; its title names the data set.</param>
    /// <param name="unlearner">Name of the unlearner.</param>
    /// <exception cref="ArgumentException">The study has no such unlearner.</exception>
    public static TransferDataSet Of(StudyResult study, string unlearner)
    {
        ArgumentNullException.ThrowIfNull(study);
        var result = study.Unlearners.FirstOrDefault(result => result.Name == unlearner) ?? throw new ArgumentException(
            $"The study {study.Title} has no unlearner {unlearner}, only {string.Join(", ", study.Unlearners.Select(result => result.Name))}.",
            nameof(unlearner));
        return new()
        {
            Name = study.Title,
            Factors = study.Factors,
            Labels = result.Labels,
            Groups = study.Groups.Count == study.RowIds.Count ? study.Groups : [.. Enumerable.Range(0, study.RowIds.Count)],
        };
    }
}
