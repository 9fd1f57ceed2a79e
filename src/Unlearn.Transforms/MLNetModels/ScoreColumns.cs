using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>The column that a model's answers are read from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">Numbers in a row: the number of classes, or 1 for a binary model's single number.</param>
/// <param name="IsProbability">Whether it is the column of a binary model's probability.</param>
internal sealed record ScoreColumns(string Name, int Width, bool IsProbability)
{
    private static readonly string[] OtherKinds =
    [
        "Regression", "Ranking", "Clustering", "AnomalyDetection", "QuantileRegression", "SequenceClassification", "ItemSimilarity",
        "RecommenderSystem", "FeatureContribution",
    ];

    public int ClassCount => Math.Max(Width, 2);

    /// <summary>Finds the score column: a vector of one number per class or, of a binary model, its probability if there is one, else its score.</summary>
    /// <param name="schema">What the model gives.</param>
    /// <param name="scoreColumnName">Name of the score column.</param>
    /// <param name="probabilityColumnName">Name of the column of a binary model's probability; <see langword="null"/> not to look for it.</param>
    /// <param name="parameterName">Name of the parameter that errors name.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it is not a classifier's.</exception>
    public static ScoreColumns Find(DataViewSchema schema, string scoreColumnName, string? probabilityColumnName, string parameterName)
    {
        if (schema.GetColumnOrNull(scoreColumnName) is not { } score)
            throw new ArgumentOutOfRangeException(parameterName,
                $"Could not find score column '{scoreColumnName}' in what the transformer gives, "
                + $"which has {string.Join(", ", schema.Where(column => !column.IsHidden).Select(column => $"'{column.Name}'"))}: "
                + "a target is a trained classifier, alone or at the end of a pipeline");
        if (KindOf(score) is { } kind && OtherKinds.Contains(kind))
            throw new ArgumentOutOfRangeException(
                parameterName, $"Score column '{scoreColumnName}' is that of {kind}: a target is a classifier, whose rows have a class");
        switch (score.Type)
        {
            case VectorDataViewType { IsKnownSize: true, Size: >= 2, ItemType: NumberDataViewType { RawType: var item } } vector when item == typeof(float):
                return new(scoreColumnName, vector.Size, IsProbability: false);
            case NumberDataViewType { RawType: var type } when type == typeof(float):
                return probabilityColumnName is not null
                    && schema.GetColumnOrNull(probabilityColumnName)?.Type is NumberDataViewType { RawType: var probability }
                    && probability == typeof(float)
                    ? new(probabilityColumnName, 1, IsProbability: true)
                    : new(scoreColumnName, 1, IsProbability: false);
            default:
                throw new ArgumentOutOfRangeException(parameterName, $"Schema mismatch for score column '{scoreColumnName}': expected Single, "
                    + $"or a vector of Single with one slot for each of at least 2 classes, got {score.Type}");
        }
    }

    /// <summary>Checks that the scores have the same classes as the label, in the order of the label's values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not.</exception>
    public void CheckClasses(DataViewSchema.Column score, DataViewSchema.Column label, string parameterName)
    {
        var labelClasses = label.Type switch
        {
            KeyDataViewType key => (int)Math.Min(key.Count, int.MaxValue),
            BooleanDataViewType => 2,
            _ => ClassCount,
        };
        if (labelClasses != ClassCount)
            throw new ArgumentOutOfRangeException(
                parameterName,
                $"Label column '{label.Name}' has {labelClasses} classes, "
                + $"but score column '{score.Name}' {(Width == 1 ? "is that of a binary model" : $"has {Width} slots")}: "
                + "make a target of a model that was trained on this label");
        if (Width == 1 || ClassNames.OfLabel(label) is not { } expected || ClassNames.OfScore(score) is not { } actual || expected.SequenceEqual(actual))
            return;
        var first = Enumerable.Range(0, Width).First(k => k >= Math.Min(expected.Length, actual.Length) || expected[k] != actual[k]);
        throw new ArgumentOutOfRangeException(parameterName,
            $"The classes of score column '{score.Name}' are [{string.Join(", ", actual)}], but those of label column '{label.Name}' are "
            + $"[{string.Join(", ", expected)}], which differ from class {first + 1} on: map the labels with the MapValueToKey transformer that the model "
            + "was trained with");
    }

    /// <summary>
    /// Names of the classes that the scores say, or else the label as the model's own steps make it; <see langword="null"/> where neither does.
    /// </summary>
    public IReadOnlyList<string>? NamesOfClasses(DataViewSchema schema, string labelColumnName) =>
        (Width > 1 ? ClassNames.OfScore(schema[Name]) : null) ?? (schema.GetColumnOrNull(labelColumnName) is { } label ? ClassNames.Of(label) : null);

    /// <summary>
    /// Reads the numbers of all rows, row-major. One mapped row follows the cursor: reading a transformed data view would hand batches from thread to
    /// thread.
    /// </summary>
    /// <param name="mapper">The model.</param>
    /// <param name="rows">The rows, with the features alone.</param>
    /// <exception cref="InvalidOperationException">A number is NaN.</exception>
    public float[] Read(IRowToRowMapper mapper, ColumnDataView rows)
    {
        var all = new float[rows.RowCount * Width];
        var column = mapper.OutputSchema[Name];
        using var cursor = rows.GetRowCursor(rows.Schema);
        using var mapped = mapper.GetRow(cursor, [column]);
        var copy = Width == 1 ? ScalarReader(mapped, column) : VectorReader.Create(mapped, column, "Score", Width, () => Invariant($"row {cursor.Position}"));
        while (cursor.MoveNext())
        {
            var values = all.AsSpan((int)cursor.Position * Width, Width);
            copy(values);
            foreach (var value in values)
                if (float.IsNaN(value))
                    throw new InvalidOperationException(Invariant($"The model gives NaN in column '{Name}' for row {cursor.Position}: it cannot be a target."));
        }
        return all;
    }

    private static Action<Span<float>> ScalarReader(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<float>(column);
        return destination => getter(ref destination[0]);
    }

    private static string? KindOf(DataViewSchema.Column score)
    {
        if (score.Annotations.Schema.GetColumnOrNull("ScoreColumnKind")?.Type is not TextDataViewType)
            return null;
        var kind = default(ReadOnlyMemory<char>);
        score.Annotations.GetValue("ScoreColumnKind", ref kind);
        return kind.ToString();
    }
}
