using Microsoft.ML.Data;
using Unlearn.MLNet.Triage;
using Xunit;

namespace Unlearn.MLNet.Tests.Triage;

public sealed class ErasurePlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly TriageMethod[] Methods =
        [new("EU", 10, IsExact: true), new("FT", 2, IsExact: false), new("nothing", 0, IsExact: false), new("SCRUB", 11, IsExact: false)];

    [Fact]
    public void A_request_gets_the_cheapest_method_that_is_safe_for_all_of_its_rows()
    {
        var easy = Row("a", nothing: 1, ft: 0.5f);
        var medium = Row("b", nothing: 3, ft: 1.9f);
        var hard = Row("c", nothing: 9, ft: 4);
        Assert.Equal("nothing", Plan(easy).Method);
        Assert.Equal("FT", Plan(easy, medium).Method);
        Assert.Equal("EU", Plan(easy, medium, hard).Method);
        Assert.Equal(["nothing", "FT", "EU"], Plan(easy, medium, hard).Rows.Select(row => row.Method));
        Assert.Equal([0, 2, 10], Plan(easy, medium, hard).Rows.Select(row => row.Seconds));
        Assert.Equal("The model itself has at most 1 with 90 % confidence; 2 is accepted.", Plan(easy).Rows[0].Reason);
        Assert.Equal("No cheaper method is safe: FT may leave 4; 2 is accepted.", Plan(hard).Rows[0].Reason);
        Assert.Equal("Its factors are not known, so only an exact method is safe.",
            Plan(Row("d", float.PositiveInfinity, float.PositiveInfinity, float.NaN)).Rows[0].Reason);
    }

    [Fact]
    public void Only_requests_that_need_retraining_wait_and_only_until_the_lead_time_before_they_are_due()
    {
        var hard = Row("c", nothing: 9, ft: 4);
        Assert.Null(Plan(Row("a", 1, 1)).RetrainAt);
        Assert.Equal(Now.AddDays(9), Plan(hard).RetrainAt);
        Assert.Null(ErasurePlanner.Plan(Case([hard]) with { Now = Now.AddDays(9) }).RetrainAt);
        Assert.Null(ErasurePlanner.Plan(Case([hard], new() { WaitsForRetraining = false })).RetrainAt);
        var late = ErasurePlanner.Plan(Case([hard]) with { Now = Now.AddDays(20) });
        Assert.Null(late.RetrainAt);
        Assert.Equal("It was due at 2026-05-14 12:00:00Z.", Assert.Single(late.Warnings));
    }

    [Fact]
    public void Rows_that_were_erased_before_cost_nothing()
    {
        var gone = new TriageRow("a", true, "R-1", null);
        var plan = Plan(gone);
        Assert.Equal(("erased", 0.0, 0.0), (plan.Method, plan.Seconds, plan.AuditSeconds));
        Assert.Equal("It was erased by request 'R-1'.", plan.Rows[0].Reason);
        Assert.Equal("FT", Plan(gone, Row("b", 3, 1)).Method);
    }

    [Fact]
    public void What_no_label_tells_of_is_retrained()
    {
        var easy = Row("a", 0, 0);
        var emptied = ErasurePlanner.Plan(Case([easy]) with { EmptiedClasses = ["cat"] });
        Assert.Equal("EU", emptied.Method);
        Assert.Contains("'cat'", emptied.Reason, StringComparison.Ordinal);
        var large = ErasurePlanner.Plan(Case([easy, Row("b", 0, 0)]) with { RowsLeft = 6 });
        Assert.Equal("EU", large.Method);
        Assert.StartsWith("The request names 2 of 6 rows", large.Reason, StringComparison.Ordinal);
        Assert.Equal("nothing", ErasurePlanner.Plan(Case([easy, Row("b", 0, 0)]) with { RowsLeft = 7 }).Method);
    }

    [Fact]
    public void Audits_of_rows_without_labels_cost_retrainings_and_audits_of_exact_methods_none()
    {
        Assert.Equal(0, Plan(Row("a", 1, 1)).AuditSeconds);
        Assert.Equal(80, Plan(Row("a", 1, 1) with { IsLabeled = false }).AuditSeconds);
        Assert.Equal(0, Plan(Row("a", 9, 9) with { IsLabeled = false }).AuditSeconds);
    }

    [Fact]
    public void A_policy_rules_methods_out_and_an_error_names_the_row_that_none_is_safe_for()
    {
        var medium = Row("b", nothing: 3, ft: 1.9f);
        Assert.Equal("EU", ErasurePlanner.Plan(Case([medium], new() { Methods = ["nothing", "EU"] })).Method);
        Assert.Contains("'SISA'", Assert.Throws<InvalidOperationException>(() => ErasurePlanner.Plan(Case([medium], new() { Methods = ["SISA"] }))).Message,
            StringComparison.Ordinal);
        var none = Assert.Throws<InvalidOperationException>(() => ErasurePlanner.Plan(Case([Row("a", 0, 0), medium], new() { Methods = ["nothing"] })));
        Assert.Contains("row 'b'", none.Message, StringComparison.Ordinal);
        // Costlier than retraining: never chosen.
        Assert.DoesNotContain("SCRUB", ErasurePlanner.Allowed(Methods, new()).Select(method => method.Name));
    }

    [Fact]
    public void Bounds_are_not_believed_on_a_model_that_was_changed_unless_an_audit_follows()
    {
        var row = Row("a", 0, 0) with { IsLabeled = false };
        Assert.Equal("nothing", ErasurePlanner.Plan(Case([row], new() { AuditModels = 0 })).Method);
        var changed = ErasurePlanner.Plan(Case([row], new() { AuditModels = 0 }) with { ChangedBy = "FT" });
        Assert.Equal(("EU", "Bounds hold on a trained model, not on one that FT has changed, and nothing would be audited."), (changed.Method, changed.Reason));
        Assert.Equal("nothing", ErasurePlanner.Plan(Case([row]) with { ChangedBy = "FT" }).Method);
        Assert.Equal("nothing", ErasurePlanner.Plan(Case([Row("a", 0, 0)], new() { AuditModels = 0 }) with { ChangedBy = "FT" }).Method);
    }

    [Fact]
    public void Near_duplicates_that_stay_are_named()
    {
        var plan = ErasurePlanner.Plan(Case([Row("a", 0, 0)]) with { DuplicatesLeft = ["1", "2", "3", "4", "5", "6"] });
        Assert.Equal("6 near-duplicates stay and keep the memory alive: '1', '2', '3', '4', '5', ….", Assert.Single(plan.Warnings));
    }

    [Fact]
    public void A_plan_is_a_data_view_too()
    {
        var view = Plan(Row("a", 1, 1), Row("b", 9, 9)).ToDataView();
        Assert.Equal(["nothing", "EU"], view.GetColumn<string>("Method"));
        Assert.Equal(["R", "R"], view.GetColumn<string>("RequestId"));
        Assert.Equal([1f, 0f], view.GetColumn<float>("ResidualMemoryBound"));
    }

    [Theory]
    [InlineData(new string[0], "names no rows")]
    [InlineData(new[] { "a", "b", "a" }, "names row 'a' 2 times")]
    public void Requests_without_rows_or_with_a_row_twice_are_refused(string[] ids, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(
            () => new ErasureRequest { Id = "R", RowIds = ids, ReceivedAt = Now, DueAt = Now }.Check()).Message, StringComparison.Ordinal);

    private static ErasurePlan Plan(params TriageRow[] rows) => ErasurePlanner.Plan(Case(rows));

    private static TriageCase Case(TriageRow[] rows, ErasurePolicy? policy = null) => new()
    {
        Request = new() { Id = "R", RowIds = [.. rows.Select(row => row.RowId)], ReceivedAt = Now, DueAt = Now.AddDays(10) },
        Rows = rows, RowsLeft = 100, Methods = Methods, Tolerance = 2, Policy = policy ?? new(), ModelHash = "m", Now = Now,
    };

    private static TriageRow Row(string id, float nothing, float ft, float hard = 0.5f) => new(id, true, null, new(hard, new Dictionary<string, (float, float)>
    {
        ["nothing"] = (nothing / 2, nothing), ["FT"] = (ft / 2, ft), ["SCRUB"] = (0, 0),
    }));
}
