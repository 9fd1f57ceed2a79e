using Unlearn.MLNet.Labeling;

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

    /// <summary>
    /// Id of each row. Data sets that share ids hold the same rows, as studies of several targets do: then no model is tested on a row whose label in
    /// another data set it was trained on.
    /// </summary>
    /// <value>Default none: no other data set has these rows.</value>
    public IReadOnlyList<string> RowIds { get; init; } = [];

    /// <summary>Class of each row: data sets whose ids are equal by accident differ in it. Empty if unknown.</summary>
    internal IReadOnlyList<int> Classes { get; init; } = [];

    /// <summary>Hardness score of each row; empty if unknown.</summary>
    internal IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Reliability of <see cref="Scores"/>.</summary>
    internal ScoreReliability Reliability { get; init; } = new(double.NaN, double.NaN);

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
            RowIds = study.RowIds,
            Classes = study.Labels,
            Scores = result.Scores,
            Reliability = new(
                result.Evaluation.Reliability,
                study.Agreement is { } agreement && agreement.SpearmanNames.ToList().IndexOf(unlearner) is >= 0 and var place
                    ? agreement.SpearmanAcrossHalves[place][place]
                    : double.NaN),
        };
    }

    /// <summary>For each row the place of the same row in another data set, or −1; <see langword="null"/> if the data sets share no rows.</summary>
    internal int[]? PlacesIn(TransferDataSet other)
    {
        var places = other.RowIds.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        int[] found = [.. RowIds.Select(id => places.GetValueOrDefault(id, -1))];
        var areSame = found.Any(place => place >= 0)
            && (Classes.Count == 0 || other.Classes.Count == 0 || found.Index().All(row => row.Item < 0 || other.Classes[row.Item] == Classes[row.Index]));
        return areSame ? found : null;
    }
}
