using Microsoft.ML;
using Microsoft.ML.Data;
using static Unlearn.Conformance.ColumnValues;

namespace Unlearn.Conformance;

/// <summary>The rules that every estimator which adds columns to rows obeys, in any pipeline.</summary>
public static class EstimatorConformance
{
    /// <summary>All rules, for one estimator.</summary>
    /// <param name="subject">The estimator.</param>
    public static IReadOnlyList<ConformanceCheck> Checks(EstimatorSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return
        [
            new("The promised schema is the delivered one", () => SchemaIsAsPromised(subject)),
            new("A missing input column is named before any row is read", () => MissingColumnIsNamed(subject)),
            new("A column that needs nothing asks for nothing", () => OnlyAskedColumnsAreRead(subject)),
            new("An inactive column gives no getter", () => InactiveColumnsAreRefused(subject)),
            new("Cursor sets hold every row once, with its values", () => CursorSetsHoldAllRows(subject)),
            new("Shuffled rows keep their values", () => ShuffledRowsKeepTheirValues(subject)),
            new("Single rows get the values of batches", () => SingleRowsEqualBatches(subject)),
            new("Reading twice gives the same values", () => ReadingIsRepeatable(subject)),
            new("Fitting twice gives the same values", () => FittingIsRepeatable(subject)),
            new("A loaded model gives the values of the saved one", () => LoadedEqualsSaved(subject)),
            new("Two saves of a model are equal after a load", () => SavingIsStable(subject)),
            new("No rows give no rows", () => NoRowsGiveNoRows(subject)),
            new("Input columns pass through", () => InputsPassThrough(subject)),
            new("MLContext.CancelExecution stops a fit", () => FitCanBeCancelled(subject)),
        ];
    }

    private static (MLContext Context, IDataView Data, ITransformer Model) Fit(EstimatorSubject subject)
    {
        var context = new MLContext(1);
        var data = subject.CreateData(context);
        return (context, data, subject.CreateEstimator(context).Fit(data));
    }

    private static void SchemaIsAsPromised(EstimatorSubject subject)
    {
        var (context, data, model) = Fit(subject);
        var promised = subject.CreateEstimator(context).GetOutputSchema(MLNetReflection.ShapeOf(data.Schema)).ToDictionary(column => column.Name);
        foreach (var delivered in new[] { model.GetOutputSchema(data.Schema), model.Transform(data).Schema })
        {
            var shapes = MLNetReflection.ShapeOf(delivered).ToDictionary(column => column.Name);
            Require(promised.Keys.Order().SequenceEqual(shapes.Keys.Order()),
                $"promised are [{string.Join(", ", promised.Keys.Order())}], delivered [{string.Join(", ", shapes.Keys.Order())}]");
            foreach (var (name, shape) in shapes)
                Require(
                    (shape.Kind, shape.ItemType.ToString(), shape.IsKey) == (promised[name].Kind, promised[name].ItemType.ToString(), promised[name].IsKey) &&
                        shape.Annotations
                            .Select(annotation => annotation.Name)
                            .ToHashSet()
                            .IsSupersetOf(promised[name].Annotations.Select(annotation => annotation.Name)),
                        $"column '{name}' is not of the promised type or annotations");
            foreach (var name in subject.OutputColumnNames)
                Require(shapes.ContainsKey(name), $"there is no column '{name}'");
        }
    }

    private static void MissingColumnIsNamed(EstimatorSubject subject)
    {
        var context = new MLContext(1);
        foreach (var name in subject.InputColumnNames)
        {
            var data = subject.CreateData(context);
            var probe = new ProbeDataView(context.Transforms.DropColumns(name).Fit(data).Transform(data));
            Exception? failure = null;
            try
            {
                subject.CreateEstimator(context).Fit(probe);
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
            Require(failure is not null, $"a fit without column '{name}' went through");
            Require(failure!.Message.Contains($"'{name}'", StringComparison.Ordinal), $"the message does not name column '{name}': {failure.Message}");
            Require(probe.RowsRead == 0, $"{probe.RowsRead} rows were read before column '{name}' was missed");
        }
    }

    private static void OnlyAskedColumnsAreRead(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var probe = new ProbeDataView(data);
        var output = model.Transform(probe);
        using (var cursor = output.GetRowCursor([output.Schema[subject.RowIdColumnName]]))
            cursor.MoveNext();
        Require(probe.Asked.All(name => name == subject.RowIdColumnName),
            $"asking for '{subject.RowIdColumnName}' alone asked for [{string.Join(", ", probe.Asked)}]");
    }

    private static void InactiveColumnsAreRefused(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var output = model.Transform(data);
        using var cursor = output.GetRowCursor([output.Schema[subject.RowIdColumnName]]);
        foreach (var name in subject.OutputColumnNames)
        {
            Require(!cursor.IsColumnActive(output.Schema[name]), $"column '{name}' is active without being asked for");
            try
            {
                Getter(cursor, name);
            }
            catch (Exception)
            {
                continue;
            }
            throw new ConformanceException($"column '{name}' gives a getter without being asked for");
        }
    }

    private static void CursorSetsHoldAllRows(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var output = model.Transform(data);
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(output, subject.RowIdColumnName, column),
                Read(output.GetRowCursorSet([output.Schema[subject.RowIdColumnName], output.Schema[column]], 3), subject.RowIdColumnName, column),
                subject.Tolerance, column, "in a cursor set");
    }

    private static void ShuffledRowsKeepTheirValues(EstimatorSubject subject)
    {
        var (context, data, model) = Fit(subject);
        var output = model.Transform(context.Data.Cache(data));
#pragma warning disable RS0030 // ML.NET's interface asks for one; which order it gives does not matter.
        var random = new Random(3);
#pragma warning restore RS0030
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(output, subject.RowIdColumnName, column),
                Read([output.GetRowCursor([output.Schema[subject.RowIdColumnName], output.Schema[column]], random)], subject.RowIdColumnName, column),
                subject.Tolerance, column, "after shuffling");
    }

    // A prediction engine reads its rows through the same mapper.
    private static void SingleRowsEqualBatches(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        Require(model.IsRowToRowMapper, "it is not a row-to-row mapper");
        var output = model.Transform(data);
        var expected = subject.OutputColumnNames.Select(column => Read(output, subject.RowIdColumnName, column)).ToList();
        var mapper = model.GetRowToRowMapper(data.Schema);
        using var cursor = data.GetRowCursor(data.Schema);
        using var row = mapper.GetRow(cursor, mapper.OutputSchema);
        var id = row.GetGetter<ReadOnlyMemory<char>>(mapper.OutputSchema[subject.RowIdColumnName]);
        var getters = subject.OutputColumnNames.Select(column => Getter(row, column)).ToList();
        var rowId = default(ReadOnlyMemory<char>);
        while (cursor.MoveNext())
        {
            id(ref rowId);
            for (var i = 0; i < getters.Count; i++)
                RequireEqual(
                    expected[i][rowId.ToString()], getters[i](), subject.Tolerance, $"column '{subject.OutputColumnNames[i]}' of the single row '{rowId}'");
        }
    }

    private static void ReadingIsRepeatable(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var output = model.Transform(data);
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(output, subject.RowIdColumnName, column), Read(output, subject.RowIdColumnName, column), 0, column, "when read again");
    }

    private static void FittingIsRepeatable(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var (_, _, again) = Fit(subject);
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(model.Transform(data), subject.RowIdColumnName, column),
                Read(again.Transform(data), subject.RowIdColumnName, column), 0, column, "after a second fit");
    }

    private static void LoadedEqualsSaved(EstimatorSubject subject)
    {
        var (context, data, model) = Fit(subject);
        var loaded = new MLContext(2).Model.Load(Saved(context, model, data), out _);
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(model.Transform(data), subject.RowIdColumnName, column), Read(loaded.Transform(data), subject.RowIdColumnName, column),
                subject.Tolerance, column, "after a load");
    }

    private static void SavingIsStable(EstimatorSubject subject)
    {
        var (context, data, model) = Fit(subject);
        using var saved = Saved(context, model, data);
        var loaded = context.Model.Load(saved, out _);
        var again = context.Model.Load(Saved(context, loaded, data), out _);
        foreach (var column in subject.OutputColumnNames)
            RequireEqual(Read(loaded.Transform(data), subject.RowIdColumnName, column),
                Read(again.Transform(data), subject.RowIdColumnName, column), 0, column, "after a second save and load");
    }

    private static void NoRowsGiveNoRows(EstimatorSubject subject)
    {
        var (context, data, model) = Fit(subject);
        var output = model.Transform(context.Data.SkipRows(data, int.MaxValue));
        foreach (var column in subject.OutputColumnNames)
            Require(Read(output, subject.RowIdColumnName, column).Count == 0, "rows came out of none");
    }

    private static void InputsPassThrough(EstimatorSubject subject)
    {
        var (_, data, model) = Fit(subject);
        var output = model.Transform(data);
        var ids = data.GetColumn<string>(subject.RowIdColumnName).ToList();
        Require(ids.SequenceEqual(output.GetColumn<string>(subject.RowIdColumnName)), "the row ids change or move");
        using var before = data.GetRowCursor(data.Schema);
        using var after = output.GetRowCursor(output.Schema);
        var (first, second) = (before.GetIdGetter(), after.GetIdGetter());
        while (before.MoveNext())
        {
            Require(after.MoveNext(), "rows get lost");
            var (expected, actual) = (default(DataViewRowId), default(DataViewRowId));
            first(ref expected);
            second(ref actual);
            Require(expected.Equals(actual) && before.Position == after.Position, $"row {before.Position} changes its position or its ML.NET id");
        }
        Require(!after.MoveNext(), "rows are added");
    }

    private static void FitCanBeCancelled(EstimatorSubject subject)
    {
        var context = new MLContext(1);
        var isCancelled = false;
        var probe = new ProbeDataView(subject.CreateData(context), row =>
        {
            if (row != 5)
                return;
            isCancelled = true;
            MLNetReflection.CancelExecution(context);
        });
        try
        {
            subject.CreateEstimator(context).Fit(probe);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        // What learns nothing need not read a row.
        if (isCancelled)
            throw new ConformanceException("the fit went through");
    }

    private static MemoryStream Saved(MLContext context, ITransformer model, IDataView data)
    {
        var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        return file;
    }
}
