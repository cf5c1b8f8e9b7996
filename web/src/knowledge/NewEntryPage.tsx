import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, Form } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { queryClient } from "../api/queries";
import { paths } from "../paths";
import { useTitle } from "../ui/title";
import { ContentFields, contentOf, type ContentValues } from "./ContentForm";
import { Tabs } from "./Tabs";
import "./knowledge.css";

/** A new entry of one's own unit. */
export function NewEntryPage() {
  useTitle("报送知识");
  const [form] = Form.useForm<ContentValues>();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const submit = useMutation({
    mutationFn: (values: ContentValues) =>
      unwrap(
        api.POST("/api/v1/knowledge", {
          body: { do: "submit", content: contentOf(values), secrecy_checked: !!values.secrecy_checked, script: !!values.script },
        }),
      ),
    onSuccess: (entry) => {
      void queryClient.invalidateQueries({ queryKey: ["knowledge"] });
      message.success(`已报送 ${entry.entry}`);
      void navigate({ to: paths.entry, params: { entry: entry.entry } });
    },
    onError: (error) => {
      const { field, message: said } = problemOf(error);
      if (field && field !== "sources" && field !== "guide") form.setFields([{ name: field as never, errors: [said] }]);
    },
  });
  const [sending, setSending] = useState(false);
  const problem = submit.error && problemOf(submit.error);
  return (
    <section className="knowledge card" aria-label="报送知识">
      <h2>知识库</h2>
      <Tabs />
      <Form form={form} layout="vertical" className="card-body entry-form" initialValues={{ section: "daily", open: true }} scrollToFirstError onFinish={(values) => submit.mutate(values)}>
        <ContentFields fresh busy={setSending} />
        {problem && <Alert type="error" showIcon title={problem.why ?? problem.message} className="form-alert" />}
        <Button type="primary" htmlType="submit" loading={submit.isPending} disabled={sending}>
          {sending ? "附件还在上传" : "报送审核"}
        </Button>
      </Form>
    </section>
  );
}
