using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>The columns that describe a target's rows, checked.</summary>
/// <param name="Feature">The features.</param>
/// <param name="Label">The label; <see langword="null"/> where there is none.</param>
/// <param name="RowId">The row id; <see langword="null"/> where there is none.</param>
/// <param name="FeatureCount">Number of features.</param>
/// <param name="ClassCount">Number of classes.</param>
internal sealed record TargetColumns(
    DataViewSchema.Column Feature, DataViewSchema.Column? Label, DataViewSchema.Column? RowId, int FeatureCount, int ClassCount)
{
    /// <summary>Names of the classes that labels are counted in; <see langword="null"/> where they are not known.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>What keeps a row from being one of the target's, in words; <see langword="null"/> if any finite features do.</summary>
    public RowCheck? FindFlaw { get; init; }

    /// <summary>Says what is wrong with features; <see langword="null"/> if nothing is.</summary>
    internal delegate string? RowCheck(ReadOnlySpan<float> features);

    /// <summary>Whether the features are a text.</summary>
    public bool IsText => Feature.Type is TextDataViewType;

    /// <summary>All columns that exist.</summary>
    public IEnumerable<DataViewSchema.Column> All => new[] { Feature, Label, RowId }.OfType<DataViewSchema.Column>();

    /// <summary>The columns of rows for an existing target.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="names">Names of the columns; label and row id may be missing.</param>
    /// <param name="target">Number of features and classes of the target, and whether it takes texts.</param>
    /// <param name="classNames">
    /// Names of the target's classes; label classes are matched to them. If the names are unknown (<see langword="null"/>), the label's own names are
    /// used.
    /// </param>
    /// <param name="parameterName">Name of the parameter that errors name.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static TargetColumns Find(
        DataViewSchema schema,
        (string Feature, string Label, string? RowId) names,
        (int Features, int Classes, bool TakesText) target,
        IReadOnlyList<string>? classNames,
        string parameterName)
    {
        var (feature, featureCount) = FindFeature(schema, names.Feature, parameterName, target.TakesText ? target.Features : null);
        if (featureCount != target.Features)
            throw new ArgumentOutOfRangeException(parameterName,
                $"Schema mismatch for feature column '{names.Feature}': the target takes {target.Features} features, the column has {featureCount}. "
                + "Where the width comes from the rows, as of one-hot columns, fit the steps before the factors on all rows once, "
                + "and cross-validate behind them; "
                + "or give them fixed keys (keyData of MapValueToKey and OneHotEncoding)");
        var label = schema.GetColumnOrNull(names.Label);
        if (label is { } found)
            _ = ClassesOf(found, parameterName);
        return new(feature, label, names.RowId is null ? null : FindRowId(schema, names.RowId, parameterName), featureCount, target.Classes)
        {
            ClassNames = classNames ?? (label is { } own ? ClassOrder.Usable(ClassOrder.NamesOf(own), target.Classes) : null),
        };
    }

    /// <summary>The columns of training rows: all must be there.</summary>
    /// <inheritdoc cref="Find(DataViewSchema, ValueTuple{string, string, string}, ValueTuple{int, int, bool}, IReadOnlyList{string}, string)"/>
    public static TargetColumns FindAll(
        DataViewSchema schema, string featureColumnName, string labelColumnName, string rowIdColumnName, int longestText, string parameterName)
    {
        var isText = schema.GetColumnOrNull(featureColumnName)?.Type is TextDataViewType;
        var (feature, featureCount) = FindFeature(schema, featureColumnName, parameterName, isText ? longestText : null);
        var label = schema.GetColumnOrNull(labelColumnName) ?? throw Missing("label", labelColumnName, Names(schema), parameterName);
        var rowId = FindRowId(schema, rowIdColumnName, parameterName) ?? throw MissingRowId(rowIdColumnName, Names(schema), parameterName);
        if (label.Type is KeyDataViewType { Count: > MostClasses } key)
            throw new ArgumentOutOfRangeException(parameterName,
                Invariant($"Label column '{labelColumnName}' is a key of {key.Count} values, and each is a class: ")
                + Invariant($"map the label with MapValueToKey, which counts the values that there are. More than {MostClasses} classes are not supported"));
        return new(feature, label, rowId, featureCount, ClassesOf(label, parameterName)) { ClassNames = ClassOrder.NamesOf(label) };
    }

    /// <summary>Checks the shape of training rows, before there are any.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static void Check(SchemaShape schema, string featureColumnName, string labelColumnName, string? rowIdColumnName, bool takesText)
    {
        const string Parameter = "inputSchema";
        var feature = schema.FirstOrDefault(column => column.Name == featureColumnName);
        if (feature.Name is null)
            throw Missing("feature", featureColumnName, schema.Select(column => column.Name), Parameter);
        if (takesText && (feature.Kind != SchemaShape.Column.VectorKind.Scalar || feature.ItemType != TextDataViewType.Instance))
            throw Mismatch("feature", featureColumnName, TextType, feature.ItemType.ToString()!, Parameter);
        if (!takesText && (feature.Kind != SchemaShape.Column.VectorKind.Vector || feature.ItemType != NumberDataViewType.Single || feature.IsKey))
            throw Mismatch(
                "feature",
                featureColumnName,
                FeatureType,
                feature.Kind == SchemaShape.Column.VectorKind.VariableVector ? $"variable-size vector of {feature.ItemType}" : feature.ItemType.ToString()!,
                Parameter);
        var label = schema.FirstOrDefault(column => column.Name == labelColumnName);
        if (label.Name is null)
            throw Missing("label", labelColumnName, schema.Select(column => column.Name), Parameter);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !(label.IsKey || label.ItemType == BooleanDataViewType.Instance))
            throw Mismatch("label", labelColumnName, LabelType, label.ItemType.ToString()!, Parameter);
        if (rowIdColumnName is not null && schema.All(column => column.Name != rowIdColumnName))
            throw MissingRowId(rowIdColumnName, schema.Select(column => column.Name), Parameter);
    }

    /// <summary>A getter of the label as a class of <see cref="ClassNames"/>, from 0; −1 where it is missing.</summary>
    /// <param name="row">The row.</param>
    /// <param name="findId">Finds the id of the current row, for errors, where the row does not hold it.</param>
    public Func<long> LabelGetter(DataViewRow row, Func<string?>? findId = null)
    {
        if (Label is not { } column)
            return () => -1;
        switch (column.Type.RawType)
        {
            case var type when type == typeof(bool):
                return Read<bool>(value => value ? 1 : 0);
            case var type when type == typeof(byte):
                return Read<byte>(value => value - 1L);
            case var type when type == typeof(ushort):
                return Read<ushort>(value => value - 1L);
            case var type when type == typeof(uint):
                return Read<uint>(value => value - 1L);
            default:
                return Read<ulong>(value => (long)value - 1L);
        }

        Func<long> Read<T>(Func<T, long> convert)
        {
            var names = ClassOrder.NamesOf(column);
            var numbers = ClassOrder.Map(names, ClassNames);
            var getter = row.GetGetter<T>(column);
            var value = default(T)!;
            return () =>
            {
                getter(ref value);
                var label = convert(value);
                if (numbers is not null && label >= 0 && label < numbers.Length)
                    return numbers[label] is var number && number != ClassOrder.Unknown ? number : throw new InvalidOperationException(
                        $"Label column '{column.Name}' has the value '{names![(int)label]}' in {NameOf(row, findId)}, "
                        + $"but the classes of the target are {ClassOrder.Show(ClassNames!)}: leave such rows out, or train the target on all classes.");
                return label < ClassCount ? label : throw new InvalidOperationException(Invariant(
                    $"Label column '{column.Name}' has class {label + 1} in {NameOf(row, findId)}, but the target has only {ClassCount} classes: ")
                    + Invariant($"train the target on all classes."));
            };
        }
    }

    /// <summary>A getter that copies the features of the current row, dense. It refuses another number of values, NaN and infinity.</summary>
    /// <param name="row">The row.</param>
    /// <param name="findId">Finds the id of the current row, for errors, where the row does not hold it.</param>
    public Action<Span<float>> FeatureGetter(DataViewRow row, Func<string?>? findId = null)
    {
        if (IsText)
            return TextGetter(row, findId);
        var read = VectorReader.Create(row, Feature, "Feature", FeatureCount, () => NameOf(row, findId));
        return destination =>
        {
            read(destination);
            for (var slot = 0; slot < destination.Length; slot++)
            {
                if (float.IsFinite(destination[slot]))
                    continue;
                throw new InvalidOperationException(Invariant(
                    $"Feature column '{Feature.Name}' has {destination[slot]} in slot {slot} of {NameOf(row, findId)}: ")
                    + Invariant($"replace missing values before the hardness factors, for example with ReplaceMissingValues."));
            }
            if (FindFlaw?.Invoke(destination) is { } flaw)
                throw new InvalidOperationException($"Feature column '{Feature.Name}' has {flaw}, in {NameOf(row, findId)}.");
        };
    }

    private Action<Span<float>> TextGetter(DataViewRow row, Func<string?>? findId)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(Feature);
        var text = default(ReadOnlyMemory<char>);
        return destination =>
        {
            getter(ref text);
            if (text.Length > destination.Length)
                throw new InvalidOperationException($"Feature column '{Feature.Name}' has {text.Length} characters in {NameOf(row, findId)}, but texts of "
                    + $"at most {destination.Length} are taken: raise maximumTextLength where rows and target are made, MaximumTextLength of options, "
                    + "or shorten the text.");
            TextFeatures.Encode(text.Span, destination);
        };
    }

    /// <summary>Names the current row in errors: by its number and, where there are ids, by its id.</summary>
    public string NameOf(DataViewRow row, Func<string?>? findId = null)
    {
        var id = RowId is not { } column ? null : row.IsColumnActive(column) ? RowReader.RowIdGetter(row, column)() : findId?.Invoke();
        return Invariant($"row {row.Position}{(id is null ? "" : $" ({RowId!.Value.Name} '{id}')")}");
    }

    private const int MostClasses = 1 << 20;
    private const string FeatureType = "known-size vector of Single";
    private const string TextType = "text, since the target takes texts";
    private const string LabelType = "key or Boolean (use Conversion.MapValueToKey)";

    /// <summary>The column of the features, and how many there are.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">Name of the column.</param>
    /// <param name="parameterName">Name of the parameter that errors name.</param>
    /// <param name="longestText">The largest number of characters where the column must be of text; else <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or has the wrong type.</exception>
    public static (DataViewSchema.Column Column, int Count) FindFeature(DataViewSchema schema, string name, string parameterName, int? longestText = null)
    {
        var feature = schema.GetColumnOrNull(name) ?? throw Missing("feature", name, Names(schema), parameterName);
        if (longestText is { } characters)
            return feature.Type is TextDataViewType
                ? (feature, characters)
                : throw Mismatch("feature", name, TextType, feature.Type.ToString()!, parameterName);
        return feature.Type is VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType { RawType: var item } } vector && item == typeof(float)
            ? (feature, vector.Size)
            : throw Mismatch("feature", name, FeatureType, feature.Type.ToString()!, parameterName);
    }

    private static int ClassesOf(DataViewSchema.Column label, string parameterName) => label.Type switch
    {
        KeyDataViewType key => (int)Math.Min(key.Count, int.MaxValue),
        BooleanDataViewType => 2,
        _ => throw Mismatch("label", label.Name, LabelType, label.Type.ToString()!, parameterName),
    };

    private static DataViewSchema.Column? FindRowId(DataViewSchema schema, string name, string parameterName)
    {
        var rowId = schema.GetColumnOrNull(name);
        return rowId is not { } column
            || column.Type is TextDataViewType
            || column.Type.RawType is var type && (type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ulong))
            ? rowId
            : throw Mismatch("row id", name, "text or integer", column.Type.ToString()!, parameterName);
    }

    private static IEnumerable<string> Names(DataViewSchema schema) => schema.Where(column => !column.IsHidden).Select(column => column.Name);

    private static ArgumentOutOfRangeException Missing(string role, string name, IEnumerable<string> columns, string parameterName, string remedy = "") =>
        new(parameterName, $"Could not find {role} column '{name}' among {string.Join(", ", columns.Select(column => $"'{column}'"))}{remedy}");

    private static ArgumentOutOfRangeException MissingRowId(string name, IEnumerable<string> columns, string parameterName) =>
        Missing("row id", name, columns, parameterName, ". Name another one, or number the rows: mlContext.Data.AddRowIds(data)");

    private static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string actual, string parameterName) =>
        new(parameterName, $"Schema mismatch for {role} column '{name}': expected {expected}, got {actual}");
}
